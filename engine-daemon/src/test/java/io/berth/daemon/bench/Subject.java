package io.berth.daemon.bench;

import io.berth.daemon.Await;
import io.berth.daemon.NetworkSpace;
import io.berth.daemon.RawHttp;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An engine that is measured: a berthd or a dockerd that this program starts, in a network namespace of its own and with
 * everything below one directory, or one that runs already, which is left as it is.
 */
final class Subject implements AutoCloseable {

    /** USER_HZ of Linux, whatever the kernel's own. */
    private static final int TICKS_A_SECOND = 100;
    /** Fields between a process's name and its utime. */
    private static final int UTIME_AFTER_NAME = 11;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final String name;
    private final Path socket;
    private final Path log;
    private final List<String> command;
    private final Optional<NetworkSpace> network;
    private Process process;

    private Subject(String name, Path socket, Path log, List<String> command, Optional<NetworkSpace> network) {
        this.name = name;
        this.socket = socket;
        this.log = log;
        this.command = command;
        this.network = network;
    }

    static Subject berthd(String program, Path directory) throws IOException {
        Path configuration = Files.writeString(directory.resolve("daemon.json"), "{}");
        NetworkSpace network = new NetworkSpace();
        Path socket = directory.resolve("berth.sock");
        return new Subject("berthd", socket, directory.resolve("log"), network.enter(program, "--config-file", configuration.toString(),
                "--data-root", directory.resolve("data").toString(), "--exec-root", directory.resolve("run").toString(),
                "-H", "unix://" + socket), Optional.of(network));
    }

    /** A dockerd from PATH; it gets a mount namespace too, as it leaves mounts behind. */
    static Optional<Subject> dockerd(Path directory) {
        boolean found = Stream.of(System.getenv("PATH").split(File.pathSeparator)).anyMatch(path -> Files.isExecutable(Path.of(path, "dockerd")));
        if (!found) {
            return Optional.empty();
        }
        NetworkSpace network = new NetworkSpace();
        Path socket = directory.resolve("docker.sock");
        String start = "mount --make-rprivate / && exec dockerd --config-file /dev/null -H unix://" + socket + " --data-root " + directory
                + "/data --exec-root " + directory + "/run -p " + directory + "/pid";
        return Optional.of(new Subject("dockerd", socket, directory.resolve("log"),
                network.enter("unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", start), Optional.of(network)));
    }

    static Subject running(String host) {
        return new Subject("reference", Path.of(host.replaceFirst("^unix://", "")), Path.of("/dev/null"), List.of(), Optional.empty());
    }

    String name() {
        return name;
    }

    Path socket() {
        return socket;
    }

    boolean isOurs() {
        return !command.isEmpty();
    }

    /** Starts it; the milliseconds from the start of the process to the first answer. */
    double start() throws IOException {
        long start = System.nanoTime();
        process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile())).start();
        Await.until(name + " to answer", LIMIT, this::answers, () -> "see " + log);
        return (System.nanoTime() - start) / 1e6;
    }

    private boolean answers() {
        if (!process.isAlive()) {
            throw new AssertionError(name + " ended with " + process.exitValue() + ", see " + log);
        }
        try {
            return Files.exists(socket) && RawHttp.get(socket, "/_ping").status() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    void stop() {
        // Of an unshare, the engine is the child.
        process.children().forEach(ProcessHandle::destroy);
        process.destroy();
        process.onExit().join();
    }

    /** MiB of memory of the daemon and of what it keeps running without any container, shared pages in proportion (PSS). */
    double idleMemory() throws IOException {
        double mebibytes = 0;
        for (long pid : network.orElseThrow().processes()) {
            try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
                mebibytes += lines.filter(line -> line.startsWith("Pss:")).mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).sum() / 1024.0;
            }
        }
        return mebibytes;
    }

    /**
     * Milliseconds of processor time that the engine's processes have used so far, those included that they have waited for: runtimes,
     * and the processes of execs.
     */
    double processorMillis() throws IOException {
        long ticks = 0;
        for (long pid : processes()) {
            ticks += ticks(pid);
        }
        return ticks * 1000.0 / TICKS_A_SECOND;
    }

    /** utime, stime, cutime and cstime of proc_pid_stat(5). */
    private static long ticks(long pid) throws IOException {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Stream.of(fields).skip(UTIME_AFTER_NAME).limit(4).mapToLong(Long::parseLong).sum();
        } catch (NoSuchFileException ended) {
            return 0;
        }
    }

    /** The engine's own and its containers' keepers. Of one that ran before, all in the network namespace of who serves the socket. */
    private List<Long> processes() throws IOException {
        if (network.isPresent()) {
            return network.get().processes();
        }
        return NetworkSpace.processesBeside(serving());
    }

    /** Of one that ran before. */
    private long serving() throws IOException {
        return ProcessHandle.allProcesses().map(ProcessHandle::pid).filter(pid -> commandLine(pid).contains("unix://" + socket)
                && commandLine(pid).startsWith("dockerd")).findFirst().orElseThrow(() -> new IOException("no dockerd serves " + socket));
    }

    /** The words that run a command in its network namespace. */
    List<String> enter(List<String> words) {
        if (network.isPresent()) {
            return network.get().enter(words.toArray(String[]::new));
        }
        try {
            return Stream.concat(Stream.of("nsenter", "--net=/proc/" + serving() + "/ns/net", "--"), words.stream()).toList();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline")).replace('\0', ' ');
        } catch (IOException ended) {
            return "";
        }
    }

    /** Stops what this program started, the keeper included, and leaves a running engine alone. */
    @Override
    public void close() {
        if (process != null && process.isAlive()) {
            stop();
        }
        network.ifPresent(space -> {
            space.processes().forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
            Await.until("what " + name + " started to end", LIMIT, () -> space.processes().isEmpty(), () -> space.processes().toString());
            space.close();
        });
    }
}
