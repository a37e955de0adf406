package io.berth.linux.keeper;

import io.berth.linux.kernel.Kernel;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/** Finds the keeper of an exec root, or starts it. */
public final class KeeperLauncher {

    /**
     * Small and fixed; docs/decisions/0010-the-keepers-jvm.md has the figures. The archive of the JDK's classes is mapped where it was
     * made for, so that its pages stay shared and clean. -Xrs leaves signals to the keeper.
     */
    private static final List<String> FLAGS = List.of("-XX:+UseSerialGC", "-Xms2m", "-Xmn1m", "-Xmx16m", "-Xss256k",
            "-XX:MaxDirectMemorySize=64m", "-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=4m", "-XX:-UsePerfData",
            "-XX:+UnlockDiagnosticVMOptions", "-XX:ArchiveRelocationMode=0", "-Xrs", "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED");
    /** A cache made by another Java is passed over in silence. */
    private static final List<String> QUIET = List.of("-Xlog:disable", "-Xlog:all=error:stderr");
    private static final long RETRY_NANOS = 20_000_000;
    /** A file lock keeps out other processes, not other threads of this one. */
    private static final ReentrantLock STARTING = new ReentrantLock();

    private final Kernel kernel;
    private final KeeperSettings settings;

    public KeeperLauncher(Kernel kernel, KeeperSettings settings) {
        this.kernel = kernel;
        this.settings = settings;
    }

    /**
     * Connects to the keeper that runs. The caller closes the client.
     *
     * @throws KeeperException LOST when there is none
     */
    public KeeperClient connect() {
        return new SocketKeeperClient(kernel, socket().toString(), settings.deadline());
    }

    /**
     * Connects to the keeper, which is started first when none answers. Of several daemons that try this at once one starts
     * it. The keeper survives the caller, its process group and its session.
     */
    public KeeperClient connectOrStart() {
        try {
            return connect();
        } catch (KeeperException none) {
            if (none.kind() != KeeperException.Kind.LOST) {
                throw none;
            }
        }
        STARTING.lock();
        try (FileChannel file = FileChannel.open(settings.execRoot().resolve("keeper.start"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE)) {
            file.lock();
            return startUnlessStarted(System.nanoTime() + settings.deadline().toNanos());
        } catch (IOException failure) {
            throw new KeeperException(KeeperException.Kind.FAILED, "start the keeper in " + settings.execRoot() + ": " + failure.getMessage(), failure);
        } finally {
            STARTING.unlock();
        }
    }

    private Path socket() {
        return settings.execRoot().resolve("keeper.sock");
    }

    /** A keeper that holds its lock and does not answer has been started by a daemon that died since: it will be ready soon. */
    private KeeperClient startUnlessStarted(long until) throws IOException {
        while (true) {
            try {
                return connect();
            } catch (KeeperException none) {
                if (none.kind() != KeeperException.Kind.LOST || System.nanoTime() > until) {
                    throw none;
                }
            }
            if (!start().equals("ready")) {
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    /** Starts the program; what it said about itself. */
    private String start() throws IOException {
        NativeLibrary.unpack(settings.nativeDirectory());
        Process process = new ProcessBuilder(command()).directory(new File("/"))
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectError(ProcessBuilder.Redirect.appendTo(settings.logFile().toFile())).start();
        try (BufferedReader words = process.inputReader()) {
            CompletableFuture<String> word = new CompletableFuture<>();
            Thread.ofPlatform().daemon().name("keeper-start").start(() -> {
                try {
                    word.complete(String.valueOf(words.readLine()));
                } catch (IOException failure) {
                    word.completeExceptionally(failure);
                }
            });
            String said = word.get(settings.deadline().toMillis(), TimeUnit.MILLISECONDS);
            if (!said.equals("ready") && !said.equals("busy")) {
                throw new KeeperException(KeeperException.Kind.FAILED, "start the keeper: it ended with code " + process.waitFor() + ": "
                        + lastWords());
            }
            return said;
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new KeeperException(KeeperException.Kind.TIMEOUT, "interrupted while the keeper started", interrupted);
        } catch (ExecutionException | TimeoutException failure) {
            process.destroyForcibly();
            throw new KeeperException(KeeperException.Kind.FAILED, "start the keeper: it was not ready within " + settings.deadline()
                    + ": " + lastWords(), failure);
        }
    }

    private List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(settings.java().toString());
        command.addAll(FLAGS);
        command.add("-Djffi.boot.library.path=" + settings.nativeDirectory());
        if (settings.makesCache()) {
            command.add("-XX:AOTCacheOutput=" + settings.aotCache());
        } else if (settings.hasUsableCache()) {
            command.add("-XX:AOTCache=" + settings.aotCache());
            command.addAll(QUIET);
        }
        command.add("-cp");
        command.add(settings.classPath().stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
        command.add(KeeperMain.class.getName());
        command.add(settings.execRoot().toString());
        settings.oomScore().ifPresent(score -> command.add(Integer.toString(score)));
        return List.copyOf(command);
    }

    private String lastWords() throws IOException {
        List<String> lines = Files.isReadable(settings.logFile()) ? Files.readAllLines(settings.logFile()) : List.of();
        return String.join("; ", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
    }
}
