package io.berth.daemon;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds and clears away what an engine may have left on the machine. */
final class Residue {

    private Residue() {
    }

    /** A process's command line, or nothing when it is gone. */
    static String commandLine(long pid) {
        try {
            return new String(Files.readAllBytes(Path.of("/proc/" + pid + "/cmdline")), StandardCharsets.UTF_8).replace('\0', ' ').strip();
        } catch (IOException gone) {
            return "";
        }
    }

    /** The mount points below a directory, as this process sees them. */
    static List<String> mountsBelow(Path directory) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
            return lines.map(line -> line.split(" ")[4]).filter(point -> Path.of(point).startsWith(directory)).map(point -> "mount " + point).toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The cgroups of an instance, in every hierarchy. */
    static List<String> cgroupsOf(String instance) {
        return Commands.run("find", "/sys/fs/cgroup", "-type", "d", "-path", "*berth-" + instance + "*").out().lines().map(path -> "cgroup " + path).toList();
    }

    /** The processes in cgroups of an instance, which outlive its daemon and keeper, and are in network namespaces of their own. */
    static List<Long> processesOf(String instance) {
        return ProcessHandle.allProcesses().map(ProcessHandle::pid).filter(pid -> isIn(pid, "/berth-" + instance + '/')).toList();
    }

    private static boolean isIn(long pid, String cgroup) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cgroup")).contains(cgroup);
        } catch (IOException gone) {
            return false;
        }
    }

    /** Removes cgroups that are empty by now, the innermost first. */
    static void removeCgroupsOf(String instance) {
        Commands.run("find", "/sys/fs/cgroup", "-depth", "-type", "d", "-path", "*berth-" + instance + "*", "-exec", "rmdir", "{}", ";");
    }

    /** Ends a process and waits until it is gone. */
    static void terminate(long pid) {
        Optional<ProcessHandle> process = ProcessHandle.of(pid);
        process.ifPresent(ProcessHandle::destroyForcibly);
        process.ifPresent(handle -> handle.onExit().join());
    }

    /** Removes a directory with all that is in it; names in layers may not be valid in Java's encoding, so rm does it. */
    static void delete(Path directory) {
        Commands.run("rm", "-rf", "--one-file-system", directory.toString()).succeeded();
    }
}
