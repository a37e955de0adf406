package io.berth.linux.kernel;

import static io.berth.linux.kernel.Argument.NULL;
import static io.berth.linux.kernel.Argument.of;

import java.nio.ByteOrder;

/** Sockets of IPv4 and IPv6 (ip(7), ipv6(7)), none of which ever blocks; {@link SocketCalls} has what all sockets have. */
public final class InetSockets {

    // sys/socket.h, netinet/in.h
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;
    private static final int SO_ERROR = 4;
    private static final int SO_LINGER = 13;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;
    private static final int SOCKADDR_IN = 16;
    private static final int SOCKADDR_IN6 = 28;

    private final Kernel kernel;
    private final SocketCalls sockets;

    public InetSockets(Kernel kernel) {
        this.kernel = kernel;
        this.sockets = new SocketCalls(kernel);
    }

    /**
     * A socket of the family of {@code address}; one of IPv6 has nothing to do with IPv4.
     *
     * @param address four or sixteen bytes
     */
    public Fd socket(byte[] address, int type, int protocol) {
        Fd socket = sockets.socket(address.length == 4 ? AF_INET : AF_INET6, type | SocketCalls.SOCK_NONBLOCK, protocol);
        if (address.length == 16) {
            sockets.setOption(socket, IPPROTO_IPV6, IPV6_V6ONLY, 1);
        }
        return socket;
    }

    /** The last connections of a server that has just ended (TIME_WAIT) are not in the way of the next {@link #bind}. */
    public void reuseAddress(Fd socket) {
        sockets.setOption(socket, SOL_SOCKET, SO_REUSEADDR, 1);
    }

    public void bind(Fd socket, byte[] address, int port) {
        NativeBuffer name = name(address, port);
        kernel.call(SystemCall.BIND, socket, name, of(name.size()));
    }

    /** The port that it is bound to. */
    public int port(Fd socket) {
        NativeBuffer name = NativeBuffer.allocate(SOCKADDR_IN6);
        NativeBuffer length = NativeBuffer.allocate(4);
        length.bytes().putInt(0, name.size());
        kernel.call(SystemCall.GETSOCKNAME, socket, name, length);
        return Short.toUnsignedInt(name.bytes().order(ByteOrder.BIG_ENDIAN).getShort(2));
    }

    /** The next connection, or the errno as a negative number. */
    public long accept(Fd socket) {
        return kernel.attempt(SystemCall.ACCEPT4, socket, NULL, NULL, of(SocketCalls.SOCK_CLOEXEC | SocketCalls.SOCK_NONBLOCK));
    }

    /** Begins to connect, which for tcp goes on after this: {@link #error} knows how it ended once the socket can be written to. */
    public void connect(Fd socket, byte[] address, int port) {
        NativeBuffer name = name(address, port);
        long result = kernel.attempt(SystemCall.CONNECT, socket, name, of(name.size()));
        if (result < 0 && result != -Errno.EINPROGRESS.number()) {
            throw new SystemCallException(SystemCall.CONNECT, Errno.of((int) -result), socket, name);
        }
    }

    /** The errno of what went on in the background, 0 when all went well (SO_ERROR). */
    public int error(Fd socket) {
        NativeBuffer error = NativeBuffer.allocate(4);
        NativeBuffer length = NativeBuffer.allocate(4);
        length.bytes().putInt(0, 4);
        kernel.call(SystemCall.GETSOCKOPT, socket, of(SOL_SOCKET), of(SO_ERROR), error, length);
        return error.bytes().getInt(0);
    }

    /** Closes a connection so that the other end sees it broken off, not ended. */
    public void abort(Fd socket) {
        // struct linger: on, for no time
        NativeBuffer linger = NativeBuffer.allocate(8);
        linger.bytes().putInt(0, 1);
        kernel.attempt(SystemCall.SETSOCKOPT, socket, of(SOL_SOCKET), of(SO_LINGER), linger, of(8));
        socket.close();
    }

    /** struct sockaddr_in or sockaddr_in6: the family in the machine's byte order, port and address in the network's. */
    private static NativeBuffer name(byte[] address, int port) {
        boolean v4 = address.length == 4;
        NativeBuffer name = NativeBuffer.allocate(v4 ? SOCKADDR_IN : SOCKADDR_IN6);
        name.bytes().putShort(0, (short) (v4 ? AF_INET : AF_INET6));
        name.bytes().order(ByteOrder.BIG_ENDIAN).putShort(2, (short) port).put(v4 ? 4 : 8, address);
        return name;
    }
}
