package io.berth.daemon.dns;

import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.SocketCalls;
import io.berth.linux.kernel.SystemCallException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * One query on its way through the servers outside, over the protocol it came by. The first reply that is neither a failure nor a refusal
 * counts; a server that cannot be reached, or says nothing for {@link #PATIENCE}, is followed by the next. Each is asked from
 * a port and under an id of its own, and only a reply with this id and this question is one. On the loop's thread.
 */
final class Forward implements EventLoop.Handler {

    private static final Duration PATIENCE = Duration.ofSeconds(4);
    /** As many as the C library knows. */
    private static final int MOST_SERVERS = 3;

    private final DnsServer server;
    private final Listener listener;
    private final Query query;
    private final Asker asker;
    private final Iterator<Upstream> servers;
    private boolean over;
    /** Which server is being asked: what comes from an earlier attempt is late. */
    private int attempt;
    private int id;
    private Optional<Fd> socket = Optional.empty();
    private Optional<EventLoop.Registration> registration = Optional.empty();
    private Optional<Deadlines.Deadline> deadline = Optional.empty();
    private byte[] unsent = new byte[0];
    private int sent;
    private Frame frame = new Frame(Dns.LONGEST_MESSAGE);

    Forward(DnsServer server, Listener listener, Query query, Asker asker, List<Upstream> servers) {
        this.server = server;
        this.listener = listener;
        this.query = query;
        this.asker = asker;
        this.servers = servers.stream().limit(MOST_SERVERS).iterator();
    }

    void begin() {
        next();
    }

    private void next() {
        letGo();
        attempt++;
        if (!servers.hasNext()) {
            finish(Reply.empty(query, Dns.SERVER_FAILURE));
            return;
        }
        Upstream upstream = servers.next();
        id = server.randomId();
        byte[] message = query.withId(id);
        unsent = asker.overTcp() ? Frame.around(message) : message;
        sent = 0;
        frame = new Frame(Dns.LONGEST_MESSAGE);
        deadline = Optional.of(server.deadlines().in(PATIENCE, this::next));
        open(upstream, attempt);
    }

    private void open(Upstream upstream, int current) {
        int type = asker.overTcp() ? SocketCalls.SOCK_STREAM : SocketCalls.SOCK_DGRAM;
        if (upstream.fromHost()) {
            try {
                ask(upstream, server.sockets().onHost(upstream.address(), type), current);
            } catch (SystemCallException refused) {
                next();
            }
            return;
        }
        server.sockets().inContainer(listener.sockets(), upstream.address(), type,
                made -> server.loop().execute(() -> ask(upstream, made, current)),
                () -> server.loop().execute(() -> failed(current)));
    }

    private void failed(int current) {
        if (!over && current == attempt) {
            next();
        }
    }

    private void ask(Upstream upstream, Fd made, int current) {
        if (over || current != attempt) {
            made.close();
            return;
        }
        socket = Optional.of(made);
        try {
            server.inet().connect(made, upstream.address().bytes(), Dns.PORT);
            registration = Optional.of(server.loop().register(made, EventLoop.OUT, this));
        } catch (SystemCallException unreachable) {
            next();
        }
    }

    @Override
    public void ready(int events) {
        socket.ifPresent(from -> {
            if (sent < unsent.length) {
                send(from);
            } else {
                receive(from);
            }
        });
    }

    private void send(Fd to) {
        int length = server.io().send(to, unsent, sent);
        if (isTransient(length)) {
            return;
        }
        if (length < 0) {
            next();
            return;
        }
        sent += length;
        if (sent == unsent.length) {
            registration.ifPresent(waiting -> waiting.interest(EventLoop.IN));
        }
    }

    private void receive(Fd from) {
        SocketIo io = server.io();
        int length = asker.overTcp() ? io.receive(from, frame.wanted()) : io.receive(from);
        if (isTransient(length)) {
            return;
        }
        if (length < 0 || asker.overTcp() && length == 0) {
            next();
            return;
        }
        byte[] piece = io.received(length);
        if (!asker.overTcp()) {
            judge(piece);
            return;
        }
        switch (frame.take(piece)) {
            case MORE -> { }
            case BROKEN -> next();
            case COMPLETE -> judge(frame.message());
        }
    }

    private static boolean isTransient(int result) {
        return result == SocketIo.WOULD_BLOCK || result == SocketIo.INTERRUPTED;
    }

    private void judge(byte[] reply) {
        if (!query.isAnsweredBy(reply, id)) {
            // not from the server, or late: the right one may still come
            return;
        }
        int code = Reply.code(reply);
        if (code == Dns.SERVER_FAILURE || code == Dns.REFUSED) {
            next();
        } else {
            finish(Reply.passedOn(query, reply, asker.limit(query)));
        }
    }

    private void finish(byte[] reply) {
        abandon();
        asker.answer(reply);
    }

    /** Nobody waits for it any more. */
    void abandon() {
        over = true;
        letGo();
        listener.ended(this);
    }

    private void letGo() {
        deadline.ifPresent(server.deadlines()::callOff);
        deadline = Optional.empty();
        registration.ifPresent(EventLoop.Registration::close);
        registration = Optional.empty();
        socket.ifPresent(Fd::close);
        socket = Optional.empty();
    }
}
