package io.berth.linux.keeper;

import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SocketCalls;
import io.berth.linux.kernel.SystemCallException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One end of the protocol: takes messages apart from the bytes of a socket and sends messages, without ever waiting for the
 * other end. Used by daemon and keeper alike. Messages are received on the loop's thread; any thread may send.
 */
final class Connection {

    /** Who is told what arrives; on the loop's thread. */
    interface Receiver {

        /** A whole message; descriptors that are left in the reader afterwards are closed. */
        void received(Connection from, int type, int id, MessageReader body);

        /** Nothing more will come. */
        void closed(Connection connection, String reason);
    }

    private static final int READ_SIZE = 16 * 1024;
    /** A peer that leaves this much unread is taken for dead. */
    private static final int MOST_UNSENT = 64 << 20;

    private record Unsent(byte[] bytes, int from, List<Fd> descriptors, MessageWriter message) {
    }

    private final SocketCalls sockets;
    private final Fd socket;
    private final Receiver receiver;
    private final EventLoop.Registration registration;
    /** Over the outgoing side: the queue, its buffer, and closing. Held for one non-blocking system call at most. */
    private final ReentrantLock sending = new ReentrantLock();
    private final ArrayDeque<Unsent> unsent = new ArrayDeque<>();
    private long unsentBytes;
    private boolean closed;
    private final ArrayDeque<Fd> arrivedDescriptors = new ArrayDeque<>();
    private final NativeBuffer chunk = NativeBuffer.allocate(READ_SIZE);
    private byte[] arrived = new byte[READ_SIZE];
    private int arrivedLength;

    /** @param socket connected; this object owns it from now on */
    Connection(EventLoop loop, SocketCalls sockets, Fd socket, Receiver receiver) {
        this.sockets = sockets;
        this.socket = socket;
        this.receiver = receiver;
        registration = loop.register(socket, EventLoop.IN, new EventLoop.Handler() {
            @Override
            public void ready(int events) {
                Connection.this.ready(events);
            }
        });
    }

    /**
     * Sends a message, now or when the socket takes it.
     *
     * @throws KeeperException LOST when the connection is closed
     */
    void send(int type, int id, MessageWriter message) {
        byte[] bytes = message.finish(type, id);
        if (bytes.length > KeeperProtocol.LARGEST || message.descriptors().size() > SocketCalls.MOST_DESCRIPTORS) {
            message.closeGiven();
            throw new KeeperException(KeeperException.Kind.INVALID, "a message of " + bytes.length + " bytes and "
                    + message.descriptors().size() + " descriptors is larger than the protocol allows");
        }
        sending.lock();
        try {
            if (closed) {
                message.closeGiven();
                throw new KeeperException(KeeperException.Kind.LOST, "the connection is closed");
            }
            unsent.add(new Unsent(bytes, 0, message.descriptors(), message));
            unsentBytes += bytes.length;
            if (unsent.size() == 1) {
                flush();
            }
            if (unsentBytes > MOST_UNSENT) {
                throw new KeeperException(KeeperException.Kind.LOST, "the other end does not read");
            }
        } finally {
            sending.unlock();
        }
    }

    /** Closes the socket; the receiver is not told. */
    void close() {
        sending.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            registration.close();
            socket.close();
            dropUnsent();
        } finally {
            sending.unlock();
        }
        while (!arrivedDescriptors.isEmpty()) {
            arrivedDescriptors.poll().close();
        }
    }

    private void ready(int events) {
        try {
            if ((events & EventLoop.OUT) != 0) {
                sending.lock();
                try {
                    flush();
                } finally {
                    sending.unlock();
                }
            }
            if ((events & ~EventLoop.OUT) != 0) {
                receive();
            }
        } catch (RuntimeException failure) {
            end(failure.getMessage());
        }
    }

    private void end(String reason) {
        if (!closed) {
            close();
            receiver.closed(this, reason);
        }
    }

    private void flush() {
        while (!closed && !unsent.isEmpty()) {
            Unsent next = unsent.peek();
            int sent;
            try {
                sent = sockets.send(socket, NativeBuffer.of(rest(next)), next.bytes.length - next.from, next.descriptors,
                        SocketCalls.MSG_DONTWAIT);
            } catch (SystemCallException failure) {
                if (failure.errno() != Errno.EAGAIN) {
                    // The reading side learns of the end by itself, in order.
                    dropUnsent();
                    break;
                }
                sent = 0;
            }
            unsentBytes -= sent;
            unsent.poll();
            if (sent > 0) {
                next.message.closeGiven();
            }
            if (next.from + sent < next.bytes.length) {
                // The descriptors went with the first byte.
                unsent.addFirst(new Unsent(next.bytes, next.from + sent, sent > 0 ? List.of() : next.descriptors,
                        next.message));
                registration.interest(EventLoop.IN | EventLoop.OUT);
                return;
            }
        }
        registration.interest(EventLoop.IN);
    }

    private void dropUnsent() {
        while (!unsent.isEmpty()) {
            unsent.poll().message.closeGiven();
        }
    }

    private static byte[] rest(Unsent message) {
        return message.from == 0 ? message.bytes : Arrays.copyOfRange(message.bytes, message.from, message.bytes.length);
    }

    private void receive() {
        SocketCalls.Received received = sockets.receive(socket, chunk, 0, READ_SIZE, SocketCalls.MSG_DONTWAIT);
        arrivedDescriptors.addAll(received.descriptors());
        if (received.length() == 0) {
            end("the other end closed the connection");
            return;
        }
        if (arrivedLength + received.length() > arrived.length) {
            arrived = Arrays.copyOf(arrived, Math.max(2 * arrived.length, arrivedLength + received.length()));
        }
        chunk.bytes().get(0, arrived, arrivedLength, received.length());
        arrivedLength += received.length();
        int at = 0;
        int length;
        while (!closed && (length = lengthOfMessage(at)) > 0) {
            deliver(at, length);
            at += length;
        }
        System.arraycopy(arrived, at, arrived, 0, arrivedLength - at);
        arrivedLength -= at;
        if (arrivedLength == 0 && arrived.length > READ_SIZE) {
            arrived = new byte[READ_SIZE];
        }
    }

    /** The length of the message at {@code at} with its head, 0 while it has not arrived. */
    private int lengthOfMessage(int at) {
        if (arrivedLength - at < KeeperProtocol.HEAD) {
            return 0;
        }
        int length = new MessageReader(Arrays.copyOfRange(arrived, at, at + 4), List.of()).number();
        if (length < KeeperProtocol.HEAD - KeeperProtocol.LENGTH || length > KeeperProtocol.LARGEST) {
            throw new IllegalArgumentException("the other end does not speak the keeper's protocol: a message of " + length + " bytes");
        }
        int whole = length + KeeperProtocol.LENGTH;
        return arrivedLength - at < whole ? 0 : whole;
    }

    private void deliver(int at, int length) {
        MessageReader head = new MessageReader(Arrays.copyOfRange(arrived, at + 4, at + KeeperProtocol.HEAD), List.of());
        int typeAndDescriptors = head.number();
        int id = head.number();
        List<Fd> descriptors = new ArrayList<>();
        for (int count = typeAndDescriptors >>> 16; count > 0; count--) {
            if (arrivedDescriptors.isEmpty()) {
                throw new IllegalArgumentException("descriptors of a message did not arrive: too many files open?");
            }
            descriptors.add(arrivedDescriptors.poll());
        }
        MessageReader body = new MessageReader(Arrays.copyOfRange(arrived, at + KeeperProtocol.HEAD, at + length), descriptors);
        try {
            receiver.received(this, typeAndDescriptors & 0xffff, id, body);
        } finally {
            body.closeDescriptors();
        }
    }
}
