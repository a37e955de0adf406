package io.berth.daemon.network.port;

import static io.berth.linux.kernel.Argument.NULL;
import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Datagram;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.InetSockets;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SocketCalls;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Relays datagrams. Each client that speaks to a port has a socket of its own to the container, so that the container's answers
 * find back; it is closed when neither side has spoken for {@link #SILENCE}, which is what the reference's proxy waits.
 */
final class UdpConversations {

    private static final long SILENCE = TimeUnit.SECONDS.toNanos(90);
    private static final int SWEEP_SECONDS = 30;
    private static final int IPPROTO_UDP = 17;
    // time.h, sys/timerfd.h
    private static final int CLOCK_MONOTONIC = 1;
    private static final int TFD_CLOEXEC_NONBLOCK = 0x80800;

    private final Kernel kernel;
    private final EventLoop loop;
    private final InetSockets inet;
    private final Datagram datagram;
    private final NativeBuffer ticks = NativeBuffer.allocate(8);
    /** The one that was silent longest first. On the loop's thread, as all that follows. */
    private final Map<Key, Conversation> conversations = new LinkedHashMap<>(16, 0.75f, true);
    private Fd timer;
    private EventLoop.Registration sweep;

    private record Key(Listener listener, Datagram.Peer peer) {
    }

    UdpConversations(Kernel kernel, EventLoop loop) {
        this.kernel = kernel;
        this.loop = loop;
        this.inet = new InetSockets(kernel);
        this.datagram = new Datagram(kernel);
    }

    /** Relays what arrives at the socket until the result is closed. */
    AutoCloseable listen(Fd socket, byte[] container, int containerPort) {
        Datagram.prepare(kernel, socket);
        return new Listener(socket, container, containerPort);
    }

    private final class Listener implements AutoCloseable {
        private final Fd socket;
        private final byte[] container;
        private final int containerPort;
        private final EventLoop.Registration registration;
        private boolean closed;

        private Listener(Fd socket, byte[] container, int containerPort) {
            this.socket = socket;
            this.container = container;
            this.containerPort = containerPort;
            registration = loop.register(socket, EventLoop.IN, events -> receive());
        }

        private synchronized void receive() {
            if (closed || datagram.receive(socket) < 0) {
                return;
            }
            Key key = new Key(this, datagram.peer());
            Conversation known = conversations.get(key);
            if (known == null) {
                try {
                    known = begin(key);
                } catch (SystemCallException unreachable) {
                    // as lost as any datagram for a host that is not there
                    return;
                }
            }
            known.spoken = System.nanoTime();
            datagram.forward(known.socket);
        }

        private synchronized void answer(Datagram.Peer peer) {
            if (!closed) {
                datagram.answer(socket, peer);
            }
        }

        @Override
        public synchronized void close() {
            closed = true;
            registration.close();
            loop.execute(() -> List.copyOf(conversations.keySet()).stream().filter(key -> key.listener() == this)
                    .forEach(key -> conversations.remove(key).close()));
        }
    }

    private final class Conversation {
        private final Key key;
        private final Fd socket;
        private final EventLoop.Registration registration;
        private long spoken;

        private Conversation(Key key, Fd socket) {
            this.key = key;
            this.socket = socket;
            this.registration = loop.register(socket, EventLoop.IN, events -> answer());
        }

        private void answer() {
            // a refusal by the container's host is told as an error once; the conversation may go on
            if (datagram.receiveFrom(socket) >= 0) {
                spoken = System.nanoTime();
                conversations.get(key);
                key.listener().answer(key.peer());
            }
        }

        private void close() {
            registration.close();
            socket.close();
        }
    }

    private Conversation begin(Key key) {
        if (conversations.size() == Relay.MOST_CONNECTIONS) {
            Iterator<Conversation> eldest = conversations.values().iterator();
            eldest.next().close();
            eldest.remove();
        }
        Listener listener = key.listener();
        Fd socket = inet.socket(listener.container, SocketCalls.SOCK_DGRAM, IPPROTO_UDP);
        try {
            inet.connect(socket, listener.container, listener.containerPort);
        } catch (SystemCallException failure) {
            socket.close();
            throw failure;
        }
        Conversation conversation = new Conversation(key, socket);
        conversations.put(key, conversation);
        startSweeping();
        return conversation;
    }

    private void startSweeping() {
        if (timer == null) {
            timer = kernel.open(SystemCall.TIMERFD_CREATE, of(CLOCK_MONOTONIC), of(TFD_CLOEXEC_NONBLOCK));
            // struct itimerspec: the interval, then the first time, each seconds and nanoseconds
            NativeBuffer times = NativeBuffer.allocate(32);
            times.bytes().putLong(0, SWEEP_SECONDS).putLong(16, SWEEP_SECONDS);
            kernel.call(SystemCall.TIMERFD_SETTIME, timer, of(0), times, NULL);
            sweep = loop.register(timer, EventLoop.IN, events -> sweep());
        }
    }

    private void sweep() {
        kernel.attempt(SystemCall.READ, timer, ticks, of(8));
        long now = System.nanoTime();
        conversations.values().removeIf(conversation -> {
            boolean silent = now - conversation.spoken > SILENCE;
            if (silent) {
                conversation.close();
            }
            return silent;
        });
        if (conversations.isEmpty()) {
            sweep.close();
            timer.close();
            timer = null;
        }
    }
}
