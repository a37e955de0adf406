package io.berth.daemon.dns;

import static io.berth.linux.kernel.Argument.NULL;
import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SocketCalls;
import io.berth.linux.kernel.SystemCall;

/**
 * Reads and writes of one thread, through one buffer, on sockets that never block. Results are those of the calls: bytes, or an
 * errno as a negative number.
 */
final class SocketIo {

    static final int WOULD_BLOCK = -Errno.EAGAIN.number();
    static final int INTERRUPTED = -Errno.EINTR.number();
    /** struct sockaddr_in6. */
    private static final int LONGEST_ADDRESS = 28;
    private static final int FLAGS = SocketCalls.MSG_DONTWAIT | SocketCalls.MSG_NOSIGNAL;

    private final Kernel kernel;
    private final NativeBuffer data = NativeBuffer.allocate(Dns.LONGEST_MESSAGE + 2);
    private final NativeBuffer peer = NativeBuffer.allocate(LONGEST_ADDRESS);
    private final NativeBuffer peerLength = NativeBuffer.allocate(4);

    SocketIo(Kernel kernel) {
        this.kernel = kernel;
    }

    int receive(Fd socket, int most) {
        return (int) kernel.attempt(SystemCall.RECVFROM, socket, data, of(most), of(FLAGS), NULL, NULL);
    }

    int receive(Fd socket) {
        return receive(socket, data.size());
    }

    /** Receives a datagram and {@link #peer who sent it}. */
    int receiveFrom(Fd socket) {
        peerLength.bytes().putInt(0, peer.size());
        return (int) kernel.attempt(SystemCall.RECVFROM, socket, data, of(data.size()), of(FLAGS), peer, peerLength);
    }

    /** What was received last, a copy. */
    byte[] received(int length) {
        return data.copy(0, length);
    }

    /** The address that the last datagram came from. */
    byte[] peer() {
        return peer.copy(0, Math.min(peerLength.bytes().getInt(0), peer.size()));
    }

    int sendTo(Fd socket, byte[] message, byte[] address) {
        data.bytes().put(0, message);
        peer.bytes().put(0, address);
        return (int) kernel.attempt(SystemCall.SENDTO, socket, data, of(message.length), of(FLAGS), peer, of(address.length));
    }

    /** Sends what follows the first {@code from} bytes. */
    int send(Fd socket, byte[] message, int from) {
        int length = message.length - from;
        data.bytes().put(0, message, from, length);
        return (int) kernel.attempt(SystemCall.SENDTO, socket, data, of(length), of(FLAGS), NULL, NULL);
    }
}
