package io.berth.daemon.dns;

import io.berth.daemon.network.address.IpAddress;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.InetSockets;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SocketCalls;
import io.berth.linux.kernel.SystemCallException;
import io.berth.linux.netlink.NetlinkSocket;
import java.util.function.Consumer;

/** Makes sockets in containers' namespaces: those at which the resolver listens, and those by which it asks from there. */
final class NamespaceSockets {

    /** The address that every container finds in its resolv.conf. */
    static final IpAddress RESOLVER = IpAddress.parse("127.0.0.11");

    /** Clients that have connected and wait to be accepted, also while no daemon runs. */
    private static final int BACKLOG = 256;
    private static final int MOST_PORTS_TRIED = 16;

    private final Kernel kernel;
    private final InetSockets sockets;
    private final NamespaceThread thread;

    NamespaceSockets(Kernel kernel, NamespaceThread thread) {
        this.kernel = kernel;
        this.sockets = new InetSockets(kernel);
        this.thread = thread;
    }

    /** Listens in a namespace, at a port of the kernel's choice to which 53 leads when this returns. On the thread that goes there. */
    ResolverSockets listen(Fd namespace) {
        return thread.inside(namespace, () -> {
            ResolverSockets made = bind();
            try (NetlinkSocket netfilter = NetlinkSocket.netfilter(kernel)) {
                PortRedirect.make(netfilter, RESOLVER, sockets.port(made.udp()));
                return made;
            } catch (RuntimeException failure) {
                made.close();
                throw failure;
            }
        });
    }

    /** One port for both protocols: what is free for udp may be taken for tcp, when the container runs already. */
    private ResolverSockets bind() {
        for (int attempt = 1;; attempt++) {
            Fd udp = sockets.socket(RESOLVER.bytes(), SocketCalls.SOCK_DGRAM, 0);
            Fd tcp = sockets.socket(RESOLVER.bytes(), SocketCalls.SOCK_STREAM, 0);
            ResolverSockets both = new ResolverSockets(udp, tcp);
            try {
                sockets.bind(udp, RESOLVER.bytes(), 0);
                sockets.bind(tcp, RESOLVER.bytes(), sockets.port(udp));
                new SocketCalls(kernel).listen(tcp, BACKLOG);
                return both;
            } catch (SystemCallException failure) {
                both.close();
                if (failure.errno() != Errno.EADDRINUSE || attempt == MOST_PORTS_TRIED) {
                    throw failure;
                }
            }
        }
    }

    /** A socket by which to ask a server from the host's network; the calling thread is there. */
    Fd onHost(IpAddress server, int type) {
        return sockets.socket(server.bytes(), type, 0);
    }

    /**
     * The same from the network of a container.
     *
     * @param ready gets the socket on the thread that makes it
     * @param failed told when there is none to be had
     */
    void inContainer(ResolverSockets container, IpAddress server, int type, Consumer<Fd> ready, Runnable failed) {
        thread.later(() -> {
            Fd socket;
            try {
                // the container may have ended since
                socket = thread.beside(container.udp(), () -> onHost(server, type));
            } catch (SystemCallException | IllegalStateException gone) {
                failed.run();
                return;
            }
            ready.accept(socket);
        });
    }
}
