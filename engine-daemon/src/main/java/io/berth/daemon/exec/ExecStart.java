package io.berth.daemon.exec;

import io.berth.api.exec.ExecSwitch;
import io.berth.api.http.ApiException;
import io.berth.api.http.HijackedStream;
import io.berth.api.http.SocketHandover;
import io.berth.api.wire.exec.CreateExecBody;
import io.berth.daemon.container.ContainerEntry;
import io.berth.daemon.container.ExecFailure;
import io.berth.daemon.container.ExecProcess;
import io.berth.daemon.container.RunningContainer;
import io.berth.daemon.failpoint.Failpoint;
import io.berth.linux.keeper.Attachment;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SocketCalls;
import io.berth.linux.kernel.SystemCall;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Starts execs. The client's socket goes to the keeper with the launch: it is connected before the first byte of output, and the
 * session outlives the daemon.
 */
final class ExecStart {

    /** Of a process that could not be started for a reason of ours. */
    private static final int NOT_STARTED = 128;
    private static final byte[] NO_KEYS = {};
    private static final int STDOUT = 1;

    private final Kernel kernel;
    private final Execs execs;
    private final ContainerEntry entry;

    ExecStart(Kernel kernel, Execs execs, ContainerEntry entry) {
        this.kernel = kernel;
        this.execs = execs;
        this.entry = entry;
    }

    /**
     * The exec is claimed. What goes wrong before the switch is thrown, and the exec may be started again; what goes wrong after it
     * the client is told on its stream.
     */
    void attached(Exec exec, RunningContainer place, ExecProcess process, boolean raw, ExecSwitch connection) throws IOException {
        SocketHandover taken;
        try (HijackedStream stream = connection.toRawStream()) {
            taken = stream.handOver();
        } catch (IOException | RuntimeException gone) {
            exec.giveBack();
            throw gone;
        }
        CreateExecBody config = exec.config();
        try (Fd socket = new Fd(kernel, taken.fd())) {
            Attachment client = new Attachment(socket, 0, config.attachStdin, config.attachStdout, config.attachStderr, !raw, true,
                    config.tty ? ContainerEntry.detachKeys(config.detachKeys) : NO_KEYS, taken.received());
            boolean streams = config.attachStdin || config.attachStdout || config.attachStderr;
            try {
                launch(exec, place, process, streams ? List.of(client) : List.of());
            } catch (RuntimeException failure) {
                refuse(kernel, socket, raw, failure.getMessage() + "\r\n");
            }
        }
    }

    /** The exec is claimed. What goes wrong is thrown, and the exec has ended by it. */
    void launch(Exec exec, RunningContainer place, ExecProcess process, List<Attachment> clients) {
        execs.publish(exec, "exec_start: " + exec.commandLine(), Map.of());
        try {
            int pid = entry.launch(place, exec.id(), process, clients);
            Failpoint.EXEC_LAUNCHED.reach();
            exec.runs(pid);
        } catch (RuntimeException failure) {
            execs.failed(exec, failure instanceof ExecFailure known ? known.exitCode() : NOT_STARTED);
            throw failure;
        }
    }

    /**
     * Tells why, as standard output, like the reference engine, and ends the stream: of a launch that was given up the keeper still
     * has the client. The socket is empty: it takes a sentence without waiting.
     */
    static void refuse(Kernel kernel, Fd socket, boolean raw, String text) {
        byte[] words = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + words.length);
        if (!raw) {
            bytes.put((byte) STDOUT).put(new byte[3]).putInt(words.length);
        }
        bytes.put(words).flip();
        byte[] sent = new byte[bytes.remaining()];
        bytes.get(sent);
        kernel.attempt(SystemCall.WRITE, socket, NativeBuffer.of(sent), Argument.of(sent.length));
        kernel.attempt(SystemCall.SHUTDOWN, socket, Argument.of(SocketCalls.SHUT_WR));
    }
}
