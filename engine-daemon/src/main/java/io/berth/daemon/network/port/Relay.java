package io.berth.daemon.network.port;

import io.berth.daemon.network.address.IpAddress;
import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Answers where the kernel does not redirect: at {@code ::1} and at link-local addresses, from which it forwards nothing, and for
 * clients of IPv6 whose container has IPv4 only. It reads from one side and writes to the other, so the container sees the
 * bridge's address as its client, as it does with the reference's proxy.
 *
 * <p>It lives in the daemon and dies with it: its connections break then, and new ones are answered again by the next daemon
 * ({@link PublishedPorts#takeOver}). What the kernel redirects goes on all the time.
 *
 * <p>Memory is bounded: one buffer for all, and what a slow reader has not taken of one read; at most {@link #MOST_CONNECTIONS}
 * connections, and as many conversations over udp, of which the one that was silent longest makes room for the next.
 * Listeners are opened and closed by the thread of the networks; all else happens on the event loop's.
 */
final class Relay {

    static final int MOST_CONNECTIONS = 1024;
    private static final int BUFFER = 64 * 1024;

    private final Kernel kernel;
    private final EventLoop loop;
    private final Map<PublishedPort, AutoCloseable> listeners = new HashMap<>();
    private final NativeBuffer buffer = NativeBuffer.allocate(BUFFER);
    private final UdpConversations conversations;
    /** On the loop's thread. */
    private int connections;

    Relay(Kernel kernel, EventLoop loop) {
        this.kernel = kernel;
        this.loop = loop;
        this.conversations = new UdpConversations(kernel, loop);
    }

    /** Whether something of what arrives at the port needs a relay. */
    static boolean isNeeded(PublishedPort port, PortTarget target) {
        IpAddress address = port.hostAddress();
        boolean redirected = target.of(address.family()).isPresent() && !address.isUnspecified() && !address.isLoopback()
                && !address.isLinkLocal();
        return address.isV6() && port.isOnTheHost() && port.protocol() != TransportProtocol.SCTP && !redirected;
    }

    /** @param socket that listens at the port; it stays the caller's, who closes it after {@link #close} */
    void open(PublishedPort port, Fd socket, IpAddress container) {
        listeners.put(port, port.protocol() == TransportProtocol.TCP ? new TcpListener(this, socket, container.bytes(), port.containerPort())
                : conversations.listen(socket, container.bytes(), port.containerPort()));
    }

    /** Listens there no more, and breaks off what goes on. */
    void close(PublishedPort port) {
        AutoCloseable listener = listeners.remove(port);
        if (listener != null) {
            try {
                listener.close();
            } catch (Exception failure) {
                throw new IllegalStateException("cannot close the relay of port " + port.hostPort(), failure);
            }
        }
    }

    void close() {
        List.copyOf(listeners.keySet()).forEach(this::close);
    }

    Kernel kernel() {
        return kernel;
    }

    EventLoop loop() {
        return loop;
    }

    /** What a turn of the loop reads into; nothing stays in it. */
    NativeBuffer buffer() {
        return buffer;
    }

    /** Room for one connection more; false when there is none. */
    boolean admit() {
        if (connections == MOST_CONNECTIONS) {
            return false;
        }
        connections++;
        return true;
    }

    void left() {
        connections--;
    }
}
