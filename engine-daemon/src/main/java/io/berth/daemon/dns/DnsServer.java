package io.berth.daemon.dns;

import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.InetSockets;
import io.berth.linux.kernel.Kernel;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers what containers ask at their sockets: one thread with one epoll(7) for all of them. No call of it blocks. What one container
 * can keep busy is bounded ({@link Listener}), and each gets its turn after a few queries of another.
 *
 * <p>Reads are level-triggered, so what was asked while nobody listened is the first to be answered.
 */
final class DnsServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DnsServer.class);
    /** Lookups under way outside, of all containers: each has a socket. */
    private static final int MOST_FORWARDS = 4096;

    private final Kernel kernel;
    private final EventLoop loop;
    private final Thread thread;
    private final InetSockets inet;
    private final SocketIo io;
    private final Deadlines deadlines;
    private final NamespaceSockets sockets;
    private final Resolver resolver;
    private final RandomGenerator random = new SecureRandom();
    /** These two on the loop's thread. */
    private final Map<String, Listener> listeners = new HashMap<>();
    private int forwards;

    /** Servers of the host's are asked from the network namespace of the calling thread. */
    DnsServer(Kernel kernel, NameDirectory names, NamespaceSockets sockets) {
        this.kernel = kernel;
        this.sockets = sockets;
        this.resolver = new Resolver(names, random);
        this.inet = new InetSockets(kernel);
        this.io = new SocketIo(kernel);
        this.loop = new EventLoop(kernel, (where, failure) -> LOG.warn("a lookup failed", failure));
        this.deadlines = new Deadlines(kernel, loop);
        this.thread = Thread.ofPlatform().name("berth-dns").daemon().start(loop);
    }

    /** Listens for a container at these sockets, which are the server's from now on, instead of those it had. Any thread. */
    void serve(String container, ResolverSockets at) {
        loop.execute(() -> {
            end(listeners.remove(container));
            listeners.put(container, new Listener(this, container, at));
        });
    }

    /** Closes the container's sockets and all that is under way for it. Harmless when there is none. Any thread. */
    void end(String container) {
        loop.execute(() -> end(listeners.remove(container)));
    }

    private static void end(Listener listener) {
        if (listener != null) {
            listener.close();
        }
    }

    /** Deals with a message that came from a container. On the loop's thread, which no message must ever end. */
    void handle(Listener from, byte[] message, Asker asker) {
        try {
            answer(from, message, asker);
        } catch (RuntimeException failure) {
            LOG.warn("a query of container {} failed", from.container(), failure);
            asker.dismiss();
        }
    }

    private void answer(Listener from, byte[] message, Asker asker) {
        switch (QueryReader.read(message)) {
            case Arrival.Nothing() -> asker.dismiss();
            case Arrival.Refused(byte[] reply) -> asker.answer(reply);
            case Arrival.Asked(Query query) -> {
                switch (resolver.decide(from.container(), query, asker.limit(query))) {
                    case Resolver.Decision.Answer(byte[] reply) -> asker.answer(reply);
                    case Resolver.Decision.Ask(var servers) -> from.forward(query, asker, servers);
                }
            }
        }
    }

    boolean beginForward() {
        if (forwards >= MOST_FORWARDS) {
            return false;
        }
        forwards++;
        return true;
    }

    void endForward() {
        forwards--;
    }

    Kernel kernel() {
        return kernel;
    }

    EventLoop loop() {
        return loop;
    }

    InetSockets inet() {
        return inet;
    }

    SocketIo io() {
        return io;
    }

    Deadlines deadlines() {
        return deadlines;
    }

    NamespaceSockets sockets() {
        return sockets;
    }

    /** An id for a query: it cannot be guessed, nor can the port that it is sent from. */
    int randomId() {
        return random.nextInt(Dns.LONGEST_MESSAGE + 1);
    }

    /** Lets go of all sockets; those who have copies go on listening. */
    @Override
    public void close() {
        loop.execute(() -> {
            listeners.values().forEach(Listener::close);
            listeners.clear();
            deadlines.close();
            loop.stop();
        });
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
