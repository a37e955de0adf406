package io.berth.daemon.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What proc, sysfs and /etc say about the machine. Read when asked, so that it is true when it is told; a file that is not
 * there is a fact too, and gives the empty or false answer.
 */
final class HostFacts {

    private final Path root;

    /** @param root normally {@code /}; a test makes its own small machine below another directory */
    HostFacts(Path root) {
        this.root = root;
    }

    String kernelVersion() {
        return line("proc/sys/kernel/osrelease");
    }

    String hostName() {
        return line("proc/sys/kernel/hostname");
    }

    /** The distribution's name for people, as os-release(5) has it. */
    String operatingSystem() {
        return osRelease("PRETTY_NAME").orElse("Linux");
    }

    String operatingSystemVersion() {
        return osRelease("VERSION_ID").orElse("");
    }

    private Optional<String> osRelease(String name) {
        return Stream.of("etc/os-release", "usr/lib/os-release").flatMap(this::lines).filter(line -> line.startsWith(name + '='))
                .map(line -> line.substring(name.length() + 1).replaceAll("^[\"']|[\"']$", "")).findFirst();
    }

    /** Bytes of memory, as the kernel counts them. */
    long memory() {
        Pattern total = Pattern.compile("MemTotal:\\s+(\\d+) kB");
        return lines("proc/meminfo").map(total::matcher).filter(Matcher::matches).mapToLong(match -> Long.parseLong(match.group(1)) * 1024)
                .findFirst().orElse(0);
    }

    boolean forwardsIpv4() {
        return line("proc/sys/net/ipv4/ip_forward").equals("1");
    }

    /** How many descriptors this process has open. */
    int openFiles() {
        return entries("proc/self/fd");
    }

    int threads() {
        return entries("proc/self/task");
    }

    /** True where every controller sits on the one unified tree (cgroups(7)); the hybrid of both counts as version 1. */
    boolean hasUnifiedCgroups() {
        return Files.exists(root.resolve("sys/fs/cgroup/cgroup.controllers"));
    }

    /** The controllers that can limit containers, by their names in {@code /proc/cgroups}. */
    Set<String> cgroupControllers() {
        if (hasUnifiedCgroups()) {
            return Set.of(line("sys/fs/cgroup/cgroup.controllers").split(" "));
        }
        return Stream.of("cpu", "cpuset", "memory", "pids", "blkio", "devices", "freezer")
                .filter(name -> Files.isDirectory(root.resolve("sys/fs/cgroup").resolve(name))).collect(Collectors.toUnmodifiableSet());
    }

    boolean canLimitSwap() {
        // The root of the unified tree has no limits; its children have memory.swap.max with any kernel that has swap.
        return hasUnifiedCgroups() ? Files.exists(root.resolve("proc/swaps"))
                : Files.exists(root.resolve("sys/fs/cgroup/memory/memory.memsw.limit_in_bytes"));
    }

    private String line(String file) {
        return lines(file).findFirst().orElse("").strip();
    }

    private Stream<String> lines(String file) {
        try {
            return Files.readAllLines(root.resolve(file)).stream();
        } catch (IOException notThere) {
            return Stream.empty();
        }
    }

    private int entries(String directory) {
        try (Stream<Path> entries = Files.list(root.resolve(directory))) {
            return (int) entries.count();
        } catch (IOException notThere) {
            return 0;
        }
    }

    /** The type of the file system a path of ours is on, as the kernel names it. */
    static String fileSystem(Path path) {
        try {
            return Files.getFileStore(path).type();
        } catch (IOException unknown) {
            return "unknown";
        }
    }

    /** The machine as {@code uname -m} names it, which is what {@code docker info} shows. */
    static String machine() {
        return System.getProperty("os.arch").equals("amd64") ? "x86_64" : System.getProperty("os.arch");
    }

    /** The machine as images name it. */
    static String platform() {
        return System.getProperty("os.arch").equals("aarch64") ? "arm64" : System.getProperty("os.arch");
    }

    /** What the engine can promise of isolation, in the form of {@code docker info}. */
    List<String> securityOptions() {
        return hasUnifiedCgroups() ? List.of("name=seccomp,profile=builtin", "name=cgroupns") : List.of("name=seccomp,profile=builtin");
    }
}
