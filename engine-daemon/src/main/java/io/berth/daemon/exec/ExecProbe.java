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
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SocketCalls;
import io.berth.linux.kernel.SystemCall;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Probes by exec: a client of its own, attached to both outputs, that reads until the process has ended. */
final class ExecProbe implements HealthProbe {

    /** As the reference engine: so many bytes, and then dots. */
    private static final int KEPT_OUTPUT = 4096;
    private static final int READ_SIZE = 4096;
    private static final int SIGKILL = 9;
    private static final int NONE = -1;
    private static final int NEWS_SECONDS = 10;
    // poll.h, and struct timespec
    private static final short POLLIN = 1;
    private static final int SIZE_OF_POLLFD = 8;
    private static final int SIZE_OF_TIMESPEC = 16;
    private static final long NANOS_A_SECOND = 1_000_000_000;
    private static final long NANOS_A_MILLI = 1_000_000;
    private static final byte[] NOTHING = {};

    private final Kernel kernel;
    private final Execs execs;
    private final ExecStart start;
    private final KeeperClient keeper;

    ExecProbe(Kernel kernel, Execs execs, ExecStart start, KeeperClient keeper) {
        this.kernel = kernel;
        this.execs = execs;
        this.start = start;
        this.keeper = keeper;
    }

    @Override
    public Outcome run(RunningContainer place, ExecProcess process, Duration timeout) {
        CreateExecBody config = new CreateExecBody();
        config.cmd = process.command();
        config.attachStdout = true;
        config.attachStderr = true;
        Exec exec = execs.createPassing(place, config);
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

    /** The keeper ends the stream once the process has ended, whoever else holds its output. */
    private Outcome outcome(Exec exec, Fd output, Duration timeout) {
        Output written = new Output();
        boolean inTime = written.readUntil(output, System.nanoTime() + timeout.toNanos());
        if (!inTime) {
            kill(exec);
            written.readAll(output);
        }
        String text = written.text();
        int code = exitCode(exec);
        return inTime ? new Outcome(code, text)
                : new Outcome(NONE, "Health check exceeded timeout (" + shown(timeout) + ")" + (text.isEmpty() ? "" : ": " + text));
    }

    /** The keeper has told of the exit before it ended the stream; the news may still be on its way to here, unless it was killed. */
    private static int exitCode(Exec exec) {
        try {
            return exec.ended().get(NEWS_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException unknown) {
            return NONE;
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return NONE;
        }
    }

    private void kill(Exec exec) {
        try {
            keeper.signal(exec.id(), SIGKILL);
        } catch (KeeperException ended) {
            // it has just ended
        }
    }

    /** What a probe writes. Everything is read, so that it is not held up; the beginning is kept. */
    private final class Output {

        private final FileCalls files = new FileCalls(kernel);
        private final NativeBuffer chunk = NativeBuffer.allocate(READ_SIZE);
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private boolean truncated;

        /** False when the time is up before the end has come. */
        boolean readUntil(Fd output, long deadline) {
            NativeBuffer poll = NativeBuffer.allocate(SIZE_OF_POLLFD + SIZE_OF_TIMESPEC);
            while (true) {
                long left = Math.max(0, deadline - System.nanoTime());
                poll.bytes().putInt(0, output.number()).putShort(4, POLLIN).putLong(SIZE_OF_POLLFD, left / NANOS_A_SECOND)
                        .putLong(SIZE_OF_POLLFD + 8, left % NANOS_A_SECOND);
                if (kernel.retry(SystemCall.PPOLL, poll, Argument.of(1), poll.from(SIZE_OF_POLLFD), Argument.NULL, Argument.NULL) == 0) {
                    return false;
                }
                if (!read(output)) {
                    return true;
                }
            }
        }

        void readAll(Fd output) {
            while (read(output)) {
                // the rest
            }
        }

        private boolean read(Fd output) {
            int length = files.read(output, chunk, 0, READ_SIZE);
            int room = Math.min(length, KEPT_OUTPUT - kept.size());
            kept.writeBytes(chunk.copy(0, room));
            truncated |= room < length;
            return length > 0;
        }

        String text() {
            return kept.toString(StandardCharsets.UTF_8) + (truncated ? "..." : "");
        }
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
