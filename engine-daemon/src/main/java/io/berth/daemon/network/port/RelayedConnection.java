package io.berth.daemon.network.port;

import static io.berth.linux.kernel.Argument.NULL;
import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.InetSockets;
import io.berth.linux.kernel.SocketCalls;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.util.function.Consumer;

/**
 * A client's connection and the one to the container that goes with it. Each direction ends by itself: the end of what one side
 * sends is passed on to the other (shutdown(2)), which may go on sending. A side that breaks off breaks off both. On the
 * event loop's thread.
 */
final class RelayedConnection {

    private static final int IPPROTO_TCP = 6;

    private final Relay relay;
    private final InetSockets inet;
    private final Consumer<RelayedConnection> closed;
    private final Side client;
    private final Side container;
    private boolean connected;
    private boolean over;

    /** One of the two sockets, and what has been read for it and not yet taken by it. */
    private final class Side {

        private final Fd socket;
        private final EventLoop.Registration registration;
        /** Read from the other side, to be written here from {@code start} on. */
        private byte[] waiting = new byte[0];
        private int start;
        /** This side sends nothing more. */
        private boolean ended;
        /** The other side's end has been passed on to this one. */
        private boolean shut;
        /** The kernel reports it without being asked from now on, so it is looked after no more; what came before may be unread. */
        private boolean hungUp;

        private Side(Fd socket) {
            this.socket = socket;
            this.registration = relay.loop().register(socket, 0, this::ready);
        }

        private void ready(int events) {
            if (over) {
                return;
            }
            if ((events & (EventLoop.HANGUP | EventLoop.ERROR)) != 0) {
                hungUp = true;
                registration.close();
            }
            step();
        }

        private boolean hasWaiting() {
            return start < waiting.length;
        }
    }

    /** @throws SystemCallException when the container cannot even be tried; the client's socket is still the caller's then */
    RelayedConnection(Relay relay, Fd client, byte[] address, int port, Consumer<RelayedConnection> closed) {
        this.relay = relay;
        this.inet = new InetSockets(relay.kernel());
        this.closed = closed;
        Fd socket = inet.socket(address, SocketCalls.SOCK_STREAM, IPPROTO_TCP);
        try {
            inet.connect(socket, address, port);
            container = new Side(socket);
        } catch (SystemCallException unreachable) {
            socket.close();
            throw unreachable;
        }
        this.client = new Side(client);
        container.registration.interest(EventLoop.OUT);
    }

    private void step() {
        try {
            if (!connected) {
                if (client.hungUp || inet.error(container.socket) != 0) {
                    abort();
                    return;
                }
                connected = true;
            }
            move(client, container);
            move(container, client);
            if (client.shut && container.shut) {
                close();
            } else {
                listen(client, container);
                listen(container, client);
            }
        } catch (SystemCallException broken) {
            abort();
        }
    }

    /** At most one read's worth a turn, so that nobody holds the others up. */
    private void move(Side from, Side to) {
        write(to);
        if (!from.ended && !to.hasWaiting()) {
            long count = relay.kernel().attempt(SystemCall.READ, from.socket, relay.buffer(), of(relay.buffer().size()));
            if (count == 0) {
                from.ended = true;
            } else if (count > 0) {
                to.waiting = relay.buffer().copy(0, (int) count);
                to.start = 0;
                write(to);
            } else if (count != -Errno.EAGAIN.number() && count != -Errno.EINTR.number()) {
                throw new SystemCallException(SystemCall.READ, Errno.of((int) -count), from.socket);
            }
        }
        if (from.ended && !to.hasWaiting() && !to.shut) {
            to.shut = true;
            relay.kernel().attempt(SystemCall.SHUTDOWN, to.socket, of(SocketCalls.SHUT_WR));
        }
    }

    private void write(Side to) {
        if (!to.hasWaiting()) {
            return;
        }
        int length = to.waiting.length - to.start;
        relay.buffer().bytes().put(0, to.waiting, to.start, length);
        long count = relay.kernel().attempt(SystemCall.SENDTO, to.socket, relay.buffer(), of(length), of(SocketCalls.MSG_NOSIGNAL), NULL, NULL);
        if (count > 0) {
            to.start += (int) count;
        } else if (count < 0 && count != -Errno.EAGAIN.number() && count != -Errno.EINTR.number()) {
            throw new SystemCallException(SystemCall.SENDTO, Errno.of((int) -count), to.socket);
        }
        if (!to.hasWaiting()) {
            to.waiting = new byte[0];
            to.start = 0;
        }
    }

    private void listen(Side side, Side other) {
        if (!side.hungUp) {
            boolean unread = other.hungUp && !other.ended;
            side.registration.interest((side.ended || other.hasWaiting() ? 0 : EventLoop.IN)
                    | (side.hasWaiting() || unread ? EventLoop.OUT : 0));
        } else if (other.hungUp) {
            // nobody is left who would wake us up
            abort();
        }
    }

    private void close() {
        if (!over) {
            over = true;
            client.registration.close();
            container.registration.close();
            client.socket.close();
            container.socket.close();
            closed.accept(this);
        }
    }

    /** Breaks off both sides. */
    void abort() {
        if (!over) {
            over = true;
            client.registration.close();
            container.registration.close();
            inet.abort(client.socket);
            inet.abort(container.socket);
            closed.accept(this);
        }
    }
}
