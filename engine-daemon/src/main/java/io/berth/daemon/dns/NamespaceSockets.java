package io.berth.daemon.dns;

import static io.berth.linux.kernel.Argument.of;

import io.berth.daemon.network.address.IpAddress;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SocketCalls;
import io.berth.linux.kernel.SystemCall;
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
    private final SocketCalls sockets;
    private final NamespaceThread thread;

    NamespaceSockets(Kernel kernel, NamespaceThread thread) {
        this.kernel = kernel;
        this.sockets = new SocketCalls(kernel);
        this.thread = thread;
    }

    /** Listens in a namespace, at a port of the kernel's choice to which 53 leads when this returns. On the thread that goes there. */
    ResolverSockets listen(Fd namespace) {
        return thread.inside(namespace, () -> {
            ResolverSockets made = bind();
            try (NetlinkSocket netfilter = NetlinkSocket.netfilter(kernel)) {
                PortRedirect.make(netfilter, RESOLVER, port(made.udp()));
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
            Fd udp = sockets.socket(SocketCalls.AF_INET, SocketCalls.SOCK_DGRAM | SocketCalls.SOCK_NONBLOCK, 0);
            Fd tcp = sockets.socket(SocketCalls.AF_INET, SocketCalls.SOCK_STREAM | SocketCalls.SOCK_NONBLOCK, 0);
            ResolverSockets both = new ResolverSockets(udp, tcp);
            try {
                bind(udp, 0);
                bind(tcp, port(udp));
                sockets.listen(tcp, BACKLOG);
                return both;
            } catch (SystemCallException failure) {
                both.close();
                if (failure.errno() != Errno.EADDRINUSE || attempt == MOST_PORTS_TRIED) {
                    throw failure;
                }
            }
        }
    }

    private void bind(Fd socket, int port) {
        NativeBuffer address = SocketAddress.of(RESOLVER, port);
        kernel.call(SystemCall.BIND, socket, address, of(address.size()));
    }

    private int port(Fd socket) {
        NativeBuffer address = NativeBuffer.allocate(SocketAddress.LONGEST);
        NativeBuffer length = NativeBuffer.allocate(4);
        length.bytes().putInt(0, address.size());
        kernel.call(SystemCall.GETSOCKNAME, socket, address, length);
        return SocketAddress.port(address);
    }

    /** A socket by which to ask a server from the host's network; the calling thread is there. */
    Fd onHost(IpAddress server, int type) {
        return sockets.socket(SocketAddress.family(server), type | SocketCalls.SOCK_NONBLOCK, 0);
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
