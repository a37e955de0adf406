package io.berth.daemon.network.port;

import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.InetSockets;
import io.berth.linux.kernel.SystemCallException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Takes the connections that arrive at a published port and cannot be redirected, and relays each to the container. */
final class TcpListener implements AutoCloseable {

    private static final Set<Errno> OUT_OF_RESOURCES = Set.of(Errno.EMFILE, Errno.ENFILE, Errno.ENOBUFS, Errno.ENOMEM);
    private static final int PAUSE_MILLIS = 100;

    private final Relay relay;
    private final InetSockets inet;
    private final Fd socket;
    private final byte[] container;
    private final int containerPort;
    private final EventLoop.Registration registration;
    private final Set<RelayedConnection> connections = new HashSet<>();
    private boolean closed;

    TcpListener(Relay relay, Fd socket, byte[] container, int containerPort) {
        this.relay = relay;
        this.inet = new InetSockets(relay.kernel());
        this.socket = socket;
        this.container = container;
        this.containerPort = containerPort;
        registration = relay.loop().register(socket, EventLoop.IN, events -> accept());
    }

    private synchronized void accept() {
        if (closed) {
            return;
        }
        long accepted = inet.accept(socket);
        if (OUT_OF_RESOURCES.contains(Errno.of((int) Math.max(-accepted, 0)))) {
            // the client stays in the queue, and the loop would ask again at once and for ever
            registration.interest(0);
            CompletableFuture.delayedExecutor(PAUSE_MILLIS, TimeUnit.MILLISECONDS, relay.loop()::execute).execute(this::resume);
        }
        if (accepted < 0) {
            return;
        }
        Fd client = new Fd(relay.kernel(), (int) accepted);
        if (!relay.admit()) {
            inet.abort(client);
            return;
        }
        try {
            connections.add(new RelayedConnection(relay, client, container, containerPort, this::forget));
        } catch (SystemCallException unreachable) {
            relay.left();
            inet.abort(client);
        }
    }

    private synchronized void resume() {
        if (!closed) {
            registration.interest(EventLoop.IN);
        }
    }

    private synchronized void forget(RelayedConnection connection) {
        if (connections.remove(connection)) {
            relay.left();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        registration.close();
        relay.loop().execute(() -> List.copyOf(connections).forEach(RelayedConnection::abort));
    }
}
