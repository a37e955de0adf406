package io.berth.daemon.bench;

import io.berth.daemon.Await;
import io.berth.daemon.NetworkSpace;
import io.berth.daemon.RawHttp;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
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
