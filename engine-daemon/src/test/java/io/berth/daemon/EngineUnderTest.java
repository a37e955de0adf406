package io.berth.daemon;

import io.berth.api.Operation;
import io.berth.api.Operations;
import io.berth.daemon.boot.DistributionSettings;
import io.berth.daemon.boot.LogLevel;
import io.berth.daemon.boot.Settings;
import io.berth.daemon.container.DaemonNames;
import io.berth.daemon.network.NetworkSettings;
import io.berth.store.gc.BlobPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Assumptions;

/**
 * The engine a test talks to, behind its socket alone: a berthd of the test's own, with its own roots in a directory that
 * is removed again and its own network namespace; or, when BERTH_TEST_HOST names the unix socket of another engine, that
 * one. The second way checks the tests: what they ask for has to be true of the reference engine too.
 *
 * <p>Closing an engine of our own fails when it has left a process or a mount behind.
 */
final class EngineUnderTest implements AutoCloseable {

    private static final String REFERENCE = "BERTH_TEST_HOST";
    /** Puts a directory's {@code etc} above the machine's, and its {@code certs.d} there, in a mount namespace of its own. */
    private static final String OWN_CERTIFICATES = """
            mount -t overlay overlay -o "lowerdir=$0/etc:/etc" /etc && mount --bind "$0/certs.d" /etc/docker/certs.d && exec "$@"
            """;
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(20);

    private final Path directory;
    private final Path socket;
    private final List<String> flags;
    /** What comes before the program's name to start it. */
    private List<String> start = List.of();
    private NetworkSpace network;
    private Process process;

    private EngineUnderTest(Path directory, Path socket, List<String> flags) {
        this.directory = directory;
        this.socket = socket;
        this.flags = flags;
    }

    /** A started engine; {@code flags} are only for a berthd of our own. */
    static EngineUnderTest start(String... flags) {
        return start(false, flags);
    }

    /** The same, that finds in its {@code /etc/docker/certs.d} what is in {@link #certificates}. Nobody else does. */
    static EngineUnderTest startWithCertificates() {
        return start(true);
    }

    private static EngineUnderTest start(boolean certificates, String... flags) {
        try {
            Path directory = Files.createTempDirectory("berth-test-");
            Files.createDirectory(directory.resolve("cli"));
            if (certificates) {
                Files.createDirectory(directory.resolve("certs.d"));
                Files.createDirectories(directory.resolve("etc/docker/certs.d"));
            }
            String reference = System.getenv(REFERENCE);
            if (reference != null) {
                EngineUnderTest engine = new EngineUnderTest(directory, Path.of(reference.replaceFirst("^unix://", "")), List.of());
                if (certificates) {
                    engine.amongMounts("sh", "-c", OWN_CERTIFICATES, directory.toString(), "true").succeeded();
                }
                return engine;
            }
            Files.writeString(directory.resolve("daemon.json"), "{}");
            EngineUnderTest engine = new EngineUnderTest(directory, directory.resolve("berth.sock"), List.of(flags));
            if (certificates) {
                engine.start = List.of("unshare", "--mount", "--propagation", "private", "sh", "-c", OWN_CERTIFICATES, directory.toString());
            }
            engine.network = new NetworkSpace();
            engine.startDaemon();
            return engine;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Whether it is somebody else's, behind its socket alone. */
    boolean isReference() {
        return process == null;
    }

    /** Skips the test on another engine, and says why. */
    void requireBerth(String reason) {
        Assumptions.assumeTrue(process != null, "only berthd: " + reason);
    }

    /** Skips the test on a berthd that does not serve all of these yet, each as {@code POST /containers/x/start}. */
    void requireBuilt(List<String> requests) {
        List<String> missing = requests.stream().filter(request -> Operations.all().stream().anyMatch(operation ->
                operation.state() != Operation.State.BUILT && request.matches(operation.toString().replaceAll("\\{[^}]*\\}", "[^/]+")))).toList();
        Assumptions.assumeTrue(isReference() || missing.isEmpty(), () -> "not built yet: " + missing);
    }

    /** Starts the daemon, again after {@link #kill} or {@link #stop}, and waits until it serves. */
    void startDaemon() {
        startDaemon("");
    }

    /** The same, with further flags for its Java. */
    void startDaemon(String javaOptions) {
        List<String> words = new ArrayList<>(start);
        words.addAll(List.of(program(), "--data-root", dataRoot().toString(), "--exec-root", execRoot().toString(),
                "--config-file", directory.resolve("daemon.json").toString(), "-H", "unix://" + socket));
        words.addAll(flags);
        List<String> command = network.enter(words.toArray(String[]::new));
        try {
            long logged = Files.exists(logFile()) ? Files.size(logFile()) : 0;
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()));
            builder.environment().merge("BERTH_JAVA_OPTIONS", javaOptions, (before, more) -> before + ' ' + more);
            process = builder.start();
            Await.until("berthd to be ready", START_LIMIT, () -> {
                if (!process.isAlive()) {
                    throw new AssertionError("berthd ended with " + process.exitValue() + ":\n" + log());
                }
                return log().substring((int) logged).contains("ready in ");
            }, this::log);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static String program() {
        return System.getProperty("berth.program", Path.of("target/berth/bin/berthd").toAbsolutePath().toString());
    }

    /** Ends the daemon as a crash would. */
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Ends the daemon with SIGTERM; its exit code. */
    int stop() {
        process.destroy();
        Await.until("berthd to stop", STOP_LIMIT, () -> !process.isAlive(), this::log);
        return process.exitValue();
    }

    DockerCli docker() {
        return new DockerCli("unix://" + socket, directory.resolve("cli"));
    }

    /** A new connection to its socket. */
    RawHttp connect() {
        try {
            return new RawHttp(socket);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** One request on a connection of its own. */
    RawHttp.Answer request(String method, String path, String json) {
        try (RawHttp http = connect()) {
            return http.request(method, path, json);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    RawHttp.Answer get(String path) {
        return request("GET", path, "");
    }

    Path socket() {
        return socket;
    }

    Path dataRoot() {
        return directory.resolve("data");
    }

    Path execRoot() {
        return directory.resolve("run");
    }

    /** A directory for the test's own files. */
    Path scratch() {
        return directory;
    }

    /** The directories of registries, where it was started with such. */
    Path certificates() {
        return directory.resolve("certs.d");
    }

    /** The daemon's process id. */
    long pid() {
        return process.pid();
    }

    /** Runs a program where the engine's bridges and published ports are. */
    Commands.Result onHost(String... command) {
        return Commands.run(enterHost(List.of(command)).toArray(String[]::new));
    }

    /** The words that run {@code command} there. */
    List<String> enterHost(List<String> command) {
        if (network != null) {
            return network.enter(command.toArray(String[]::new));
        }
        List<String> words = new ArrayList<>(List.of("nsenter", "--net=/proc/" + servingProcess() + "/ns/net", "--"));
        words.addAll(command);
        return words;
    }

    /** Opens a socket there, for a server of the test's own. */
    <T> T openOnHost(Callable<T> opening) {
        return network == null ? NetworkSpace.open(servingProcess(), opening) : network.open(opening);
    }

    /** Runs a program that sees the mounts which the engine sees. */
    Commands.Result amongMounts(String... command) {
        List<String> words = new ArrayList<>(List.of("nsenter", "--mount=/proc/" + (process == null ? servingProcess() : pid()) + "/ns/mnt", "--"));
        words.addAll(List.of(command));
        return Commands.run(words.toArray(String[]::new));
    }

    /** The process of an engine that is not ours. */
    private long servingProcess() {
        return ProcessHandle.allProcesses().map(ProcessHandle::pid).filter(pid -> Residue.commandLine(pid).contains("-H unix://" + socket))
                .findFirst().orElseThrow(() -> new AssertionError("no process serves " + socket));
    }

    /** The network its bridges and published ports are in. */
    NetworkSpace network() {
        return network;
    }

    /** All the daemon has logged. */
    String log() {
        try {
            return Files.exists(logFile()) ? Files.readString(logFile()) : "";
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private Path logFile() {
        return directory.resolve("log");
    }

    /** The word that everything it makes on the host carries in its name. */
    String instance() {
        return new Settings(List.of(), false, dataRoot(), execRoot(), execRoot(), Optional.empty(), LogLevel.INFO, false, Optional.empty(),
                false, Settings.DEFAULT_LOG, BlobPolicy.KEEP, DistributionSettings.DEFAULT, DaemonNames.OF_HOST, NetworkSettings.DEFAULT).instance();
    }

    /**
     * What exists because of this engine, outside of what it stores: nothing may be there after a container's life that was not there
     * before. Links of earlier containers may still be on their way out; the kernel removes them when it has time.
     */
    Set<String> traces() {
        Set<String> traces = new TreeSet<>();
        network.processes().forEach(pid -> traces.add("process " + Residue.commandLine(pid)));
        // The bridge is the engine's own; it makes it when it has time after its start.
        network.run(TestImage.busybox().toString(), "ip", "-o", "link").succeeded().lines()
                .map(line -> line.split(": ")[1].replaceFirst("@.*", "")).filter(link -> !link.equals("berth-" + instance()))
                .forEach(link -> traces.add("link " + link));
        traces.addAll(Residue.mountsBelow(directory));
        traces.addAll(Residue.cgroupsOf(instance()));
        return traces;
    }

    void killKeeper() {
        network.processes().stream().filter(pid -> Residue.commandLine(pid).contains("io.berth.linux.keeper")).toList().forEach(Residue::terminate);
    }

    /** Stops the daemon and its keeper; fails when anything else of it is still there, after removing that. */
    @Override
    public void close() {
        if (process == null) {
            if (Files.exists(certificates())) {
                // That of util-linux looks at /proc, which may be of another PID namespace there.
                amongMounts(TestImage.busybox().toString(), "umount", "/etc/docker/certs.d", "/etc").succeeded();
            }
            Residue.delete(directory);
            return;
        }
        if (process.isAlive()) {
            stop();
        }
        killKeeper();
        List<String> left = new ArrayList<>();
        for (long pid : network.processes()) {
            left.add("process " + pid + ' ' + Residue.commandLine(pid));
            Residue.terminate(pid);
        }
        left.addAll(Residue.mountsBelow(directory));
        for (long pid : Residue.processesOf(instance())) {
            left.add("process " + pid + ' ' + Residue.commandLine(pid));
            Residue.terminate(pid);
        }
        left.addAll(Residue.cgroupsOf(instance()));
        Residue.removeCgroupsOf(instance());
        network.close();
        String log = log();
        Residue.delete(directory);
        if (!left.isEmpty()) {
            throw new AssertionError("the engine left behind: " + String.join(", ", left) + "\n" + log);
        }
    }
}
