package io.berth.daemon.dns;

import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Fd;
import java.time.Duration;

/**
 * A connection from a container: a query, its reply, the next query. One that is idle, slow, or does not take its reply is closed after
 * {@link #PATIENCE}. On the loop's thread.
 */
final class TcpClient implements Asker, EventLoop.Handler, AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(8);
    /** No query is nearly as long; the memory is taken for each connection. */
    private static final int LONGEST_QUERY = 4096;

    private enum State { READING, WAITING, WRITING, CLOSED }

    private final DnsServer server;
    private final Listener listener;
    private final Fd socket;
    private final EventLoop.Registration registration;
    private final Frame query = new Frame(LONGEST_QUERY);
    private State state = State.READING;
    private Deadlines.Deadline deadline;
    private byte[] reply = new byte[0];
    private int sent;

    TcpClient(DnsServer server, Listener listener, Fd socket) {
        this.server = server;
        this.listener = listener;
        this.socket = socket;
        this.registration = server.loop().register(socket, EventLoop.IN, this);
        this.deadline = server.deadlines().in(PATIENCE, this::close);
    }

    @Override
    public void ready(int events) {
        switch (state) {
            case READING -> read();
            case WRITING -> write();
            // only that the other side is gone comes without being asked for
            case WAITING -> close();
            case CLOSED -> { }
        }
    }

    private void read() {
        int length = server.io().receive(socket, query.wanted());
        if (length == SocketIo.WOULD_BLOCK || length == SocketIo.INTERRUPTED) {
            return;
        }
        switch (length <= 0 ? Frame.Progress.BROKEN : query.take(server.io().received(length))) {
            case MORE -> { }
            case BROKEN -> close();
            case COMPLETE -> {
                state = State.WAITING;
                registration.interest(0);
                server.deadlines().callOff(deadline);
                server.handle(listener, query.message(), this);
            }
        }
    }

    @Override
    public int limit(Query asked) {
        return Dns.LONGEST_MESSAGE;
    }

    @Override
    public boolean overTcp() {
        return true;
    }

    @Override
    public void answer(byte[] message) {
        if (state == State.WAITING) {
            state = State.WRITING;
            reply = Frame.around(message);
            sent = 0;
            deadline = server.deadlines().in(PATIENCE, this::close);
            write();
        }
    }

    @Override
    public void dismiss() {
        close();
    }

    private void write() {
        int length = server.io().send(socket, reply, sent);
        if (length < 0 && length != SocketIo.WOULD_BLOCK && length != SocketIo.INTERRUPTED) {
            close();
            return;
        }
        sent += Math.max(length, 0);
        if (sent < reply.length) {
            registration.interest(EventLoop.OUT);
            return;
        }
        reply = new byte[0];
        state = State.READING;
        registration.interest(EventLoop.IN);
        server.deadlines().callOff(deadline);
        deadline = server.deadlines().in(PATIENCE, this::close);
    }

    @Override
    public void close() {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            server.deadlines().callOff(deadline);
            registration.close();
            socket.close();
            listener.left(this);
        }
    }
}
