package io.berth.daemon.container;

import static io.berth.linux.kernel.Argument.of;

import io.berth.api.http.HijackedStream;
import io.berth.api.http.SocketHandover;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SocketCalls;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Moves the bytes of a client whose connection cannot be handed over (a WebSocket) to and from a socket that can. Two threads of
 * the platform's, because they wait in the kernel; such clients are rare. The session ends with the daemon.
 */
final class StreamRelay {

    private static final int PIECE = 16 * 1024;
    private static final int SHUT_BOTH = 2;

    private final Kernel kernel;
    private final HijackedStream client;
    private final Fd socket;
    private final AtomicInteger running = new AtomicInteger(2);

    private StreamRelay(Kernel kernel, HijackedStream client, Fd socket) {
        this.kernel = kernel;
        this.client = client;
        this.socket = socket;
    }

    /** The other end of the socket, in the place of the client's own. */
    static SocketHandover begin(Kernel kernel, HijackedStream client) {
        FileCalls.Pipe pair = new SocketCalls(kernel).pair(SocketCalls.SOCK_STREAM);
        StreamRelay relay = new StreamRelay(kernel, client.passOn(), pair.readEnd());
        Thread.ofPlatform().name("relay-in").daemon().start(() -> relay.run(relay::copyInput));
        Thread.ofPlatform().name("relay-out").daemon().start(() -> relay.run(relay::copyOutput));
        return new SocketHandover(pair.writeEnd().release(), new byte[0]);
    }

    private interface Direction {
        void copy() throws IOException;
    }

    private void run(Direction direction) {
        try {
            direction.copy();
        } catch (IOException | SystemCallException gone) {
            // either side: the other one is told below
        } finally {
            // A WebSocket has no half-close: the end of either direction is the end of both.
            kernel.attempt(SystemCall.SHUTDOWN, socket, of(SHUT_BOTH));
            if (running.decrementAndGet() == 0) {
                socket.close();
            }
        }
    }

    private void copyInput() throws IOException {
        byte[] piece = new byte[PIECE];
        NativeBuffer memory = NativeBuffer.allocate(PIECE);
        InputStream input = client.input();
        for (int length; (length = input.read(piece)) >= 0; ) {
            memory.bytes().put(0, piece, 0, length);
            for (int at = 0; at < length; ) {
                at += (int) kernel.retry(SystemCall.SENDTO, socket, memory.from(at), of(length - at), of(SocketCalls.MSG_NOSIGNAL), of(0), of(0));
            }
        }
    }

    private void copyOutput() throws IOException {
        NativeBuffer memory = NativeBuffer.allocate(PIECE);
        try (client) {
            for (int length; (length = (int) kernel.retry(SystemCall.READ, socket, memory, of(PIECE))) > 0; ) {
                client.output().write(memory.copy(0, length));
            }
        }
    }
}
