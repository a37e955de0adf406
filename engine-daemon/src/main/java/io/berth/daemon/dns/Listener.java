package io.berth.daemon.dns;

import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** One container's sockets and all that is under way for it, with its bounds. On the loop's thread. */
final class Listener implements AutoCloseable {

    /** Then the others have their turn. */
    private static final int DATAGRAMS_A_TURN = 16;
    /** Connections at a time; whoever else connects waits in the kernel. */
    private static final int MOST_CLIENTS = 32;
    /** Lookups outside at a time. */
    private static final int MOST_FORWARDS = 128;
    /** When there are no descriptors left, trying again at once would do nothing else any more. */
    private static final Duration REST = Duration.ofSeconds(1);

    private final DnsServer server;
    private final String container;
    private final ResolverSockets sockets;
    private final EventLoop.Registration udp;
    private final EventLoop.Registration tcp;
    private final Set<TcpClient> clients = new HashSet<>();
    private final Set<Forward> forwards = new HashSet<>();
    private boolean closed;

    Listener(DnsServer server, String container, ResolverSockets sockets) {
        this.server = server;
        this.container = container;
        this.sockets = sockets;
        udp = server.loop().register(sockets.udp(), EventLoop.IN, events -> receive());
        tcp = server.loop().register(sockets.tcp(), EventLoop.IN, events -> accept());
    }

    String container() {
        return container;
    }

    ResolverSockets sockets() {
        return sockets;
    }

    private void receive() {
        SocketIo io = server.io();
        for (int i = 0; i < DATAGRAMS_A_TURN && !closed; i++) {
            int length = io.receiveFrom(sockets.udp());
            if (length < 0) {
                return;
            }
            byte[] peer = io.peer();
            server.handle(this, io.received(length), new UdpAsker(io, sockets.udp(), peer));
        }
    }

    private void accept() {
        if (clients.size() >= MOST_CLIENTS) {
            tcp.interest(0);
            return;
        }
        int accepted = (int) server.inet().accept(sockets.tcp());
        if (accepted >= 0) {
            clients.add(new TcpClient(server, this, new Fd(server.kernel(), accepted)));
        } else if (accepted == -Errno.EMFILE.number() || accepted == -Errno.ENFILE.number()) {
            tcp.interest(0);
            server.deadlines().in(REST, this::acceptAgain);
        }
    }

    private void acceptAgain() {
        if (!closed) {
            tcp.interest(EventLoop.IN);
        }
    }

    /** A connection has ended. */
    void left(TcpClient client) {
        clients.remove(client);
        acceptAgain();
    }

    /** Asks outside. */
    void forward(Query query, Asker asker, List<Upstream> servers) {
        if (forwards.size() >= MOST_FORWARDS || !server.beginForward()) {
            asker.answer(Reply.empty(query, Dns.REFUSED));
            return;
        }
        Forward forward = new Forward(server, this, query, asker, servers);
        forwards.add(forward);
        forward.begin();
    }

    /** A lookup outside has ended. */
    void ended(Forward forward) {
        if (forwards.remove(forward)) {
            server.endForward();
        }
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        closed = true;
        udp.close();
        tcp.close();
        Set.copyOf(clients).forEach(TcpClient::close);
        Set.copyOf(forwards).forEach(Forward::abandon);
        sockets.close();
    }
}
