package io.berth.daemon.exec;

import io.berth.api.http.ApiException;
import io.berth.api.wire.exec.CreateExecBody;
import io.berth.daemon.container.ExecFailure;
import io.berth.daemon.container.ExecProcess;
import io.berth.daemon.container.HealthProbe;
import io.berth.daemon.container.RunningContainer;
import io.berth.daemon.container.UnknownUserException;
import io.berth.linux.keeper.Attachment;
import io.berth.linux.keeper.KeeperClient;
import io.berth.linux.keeper.KeeperException;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SocketCalls;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Probes by exec: a client of its own, attached to both outputs, that reads until the process has ended. */
final class ExecProbe implements HealthProbe {

    /** As the reference engine: so many bytes, and then dots. */
    private static final int KEPT_OUTPUT = 4096;
    private static final int READ_SIZE = 4096;
    private static final int SIGKILL = 9;
    private static final int NONE = -1;
    private static final int NEWS_SECONDS = 10;
    private static final long NANOS_A_MILLI = 1_000_000;
    private static final byte[] NOTHING = {};

    private final Kernel kernel;
    private final Execs execs;
    private final ExecStart start;
    private final KeeperClient keeper;
    private final Executor threads;

    ExecProbe(Kernel kernel, Execs execs, ExecStart start, KeeperClient keeper, Executor threads) {
        this.kernel = kernel;
        this.execs = execs;
        this.start = start;
        this.keeper = keeper;
        this.threads = threads;
    }

    @Override
    public Outcome run(RunningContainer place, ExecProcess process, Duration timeout) {
        CreateExecBody config = new CreateExecBody();
        config.cmd = process.command();
        config.attachStdout = true;
        config.attachStderr = true;
        Exec exec = execs.create(place, config);
        exec.claim();
        FileCalls.Pipe pair = new SocketCalls(kernel).pair(SocketCalls.SOCK_STREAM);
        try (Fd ours = pair.readEnd()) {
            try (Fd theirs = pair.writeEnd()) {
                start.launch(exec, place, process,
                        List.of(new Attachment(theirs, 0, false, true, true, false, false, NOTHING, NOTHING)));
            } catch (ApiException | UnknownUserException | ExecFailure failure) {
                return new Outcome(NONE, failure.getMessage());
            }
            return outcome(exec, ours, timeout);
        }
    }

    private Outcome outcome(Exec exec, Fd output, Duration timeout) {
        CompletableFuture<Boolean> inTime = exec.ended().thenApply(code -> true).completeOnTimeout(false, timeout.toNanos(), TimeUnit.NANOSECONDS);
        inTime.thenAccept(ended -> {
            if (!ended) {
                threads.execute(() -> kill(exec));
            }
        });
        String text = read(output);
        // The keeper ends the stream after it has told of the exit, which may still be on its way to here; unless it was killed.
        int code = exec.ended().copy().completeOnTimeout(NONE, NEWS_SECONDS, TimeUnit.SECONDS).join();
        if (inTime.join()) {
            return new Outcome(code, text);
        }
        return new Outcome(NONE, "Health check exceeded timeout (" + shown(timeout) + ")" + (text.isEmpty() ? "" : ": " + text));
    }

    private void kill(Exec exec) {
        try {
            keeper.signal(exec.id(), SIGKILL);
        } catch (KeeperException ended) {
            // it has just ended
        }
    }

    /** Everything is read, so that the probe is not held up; the beginning is kept. */
    private String read(Fd output) {
        FileCalls files = new FileCalls(kernel);
        NativeBuffer chunk = NativeBuffer.allocate(READ_SIZE);
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        boolean truncated = false;
        for (int length; (length = files.read(output, chunk, 0, READ_SIZE)) > 0; ) {
            int room = Math.min(length, KEPT_OUTPUT - kept.size());
            kept.writeBytes(chunk.copy(0, room));
            truncated |= room < length;
        }
        return kept.toString(StandardCharsets.UTF_8) + (truncated ? "..." : "");
    }

    /** As Go writes durations: {@code 500ms}, {@code 1.5s}, {@code 1m30s}. */
    static String shown(Duration duration) {
        if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
            return decimal(duration.toNanos(), NANOS_A_MILLI) + "ms";
        }
        long minutes = duration.toMinutes();
        String seconds = decimal(duration.minusMinutes(minutes).toMillis(), 1000) + "s";
        return (minutes >= 60 ? minutes / 60 + "h" : "") + (minutes > 0 ? minutes % 60 + "m" : "") + seconds;
    }

    private static String decimal(long value, long unit) {
        return BigDecimal.valueOf(value).divide(BigDecimal.valueOf(unit)).stripTrailingZeros().toPlainString();
    }
}
