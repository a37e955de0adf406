package io.berth.linux.netlink;

import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SocketCalls;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A netlink socket (netlink(7)). It belongs to the network namespace of the thread that opens it, for ever, so one opened
 * inside a container's namespace configures that namespace from any thread. Keep it open and use it again: the calls of
 * one request are a write and a read, some 10 µs.
 *
 * <p>Requests of several threads are served one after the other. The kernel queues the whole answer before the write
 * returns (and the rest of a dump as it is read), so the socket never blocks on an answer: none means a fault.
 */
public final class NetlinkSocket implements AutoCloseable {

    // linux/netlink.h
    private static final int NETLINK_ROUTE = 0;
    private static final int NETLINK_NETFILTER = 12;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int NETLINK_GET_STRICT_CHK = 12;
    private static final int SOL_SOCKET = 1;
    private static final int SO_SNDBUFFORCE = 32;
    /** A batch is one write; that of 500 networks with 500 ports each has some MiB. The kernel takes memory only for what is sent. */
    private static final int LARGEST_BATCH = 64 << 20;
    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;
    private static final int NLM_F_DUMP_INTR = 0x10;
    private static final int NLM_F_ACK_TLVS = 0x200;
    private static final int NLMSGERR_ATTR_MSG = 1;
    /** struct nlmsgerr without the payload of the request, which NETLINK_CAP_ACK leaves out. */
    private static final int ERROR_SIZE = 20;
    /** The kernel writes dumps in pieces of at most 32 KiB (net/netlink/af_netlink.c). */
    private static final int BUFFER_SIZE = 64 * 1024;
    private static final int MOST_DUMP_ATTEMPTS = 10;

    /** One message of an answer, without its header. */
    record Reply(int type, byte[] payload) {
    }

    /** Every container has a socket of its own for a moment, and memory outside the heap waits long for its collection. */
    private static final ConcurrentLinkedQueue<NativeBuffer> BUFFERS = new ConcurrentLinkedQueue<>();

    private final Kernel kernel;
    private final Fd socket;
    private final ReentrantLock turn = new ReentrantLock();
    /** Under {@link #turn}; between exchanges it is with the others. */
    private NativeBuffer buffer;
    private int nextSequence = 1;

    private NetlinkSocket(Kernel kernel, int protocol) {
        this.kernel = kernel;
        SocketCalls sockets = new SocketCalls(kernel);
        socket = sockets.socket(SocketCalls.AF_NETLINK, SocketCalls.SOCK_RAW | SocketCalls.SOCK_NONBLOCK, protocol);
        sockets.setOption(socket, SOL_NETLINK, NETLINK_EXT_ACK, 1);
        sockets.setOption(socket, SOL_NETLINK, NETLINK_CAP_ACK, 1);
        if (protocol == NETLINK_ROUTE) {
            sockets.setOption(socket, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
        } else {
            sockets.setOption(socket, SOL_SOCKET, SO_SNDBUFFORCE, LARGEST_BATCH);
        }
    }

    /** For links, addresses, routes and neighbours (rtnetlink(7)) of the calling thread's network namespace. */
    public static NetlinkSocket route(Kernel kernel) {
        return new NetlinkSocket(kernel, NETLINK_ROUTE);
    }

    /** For nf_tables and conntrack of the calling thread's network namespace. */
    public static NetlinkSocket netfilter(Kernel kernel) {
        return new NetlinkSocket(kernel, NETLINK_NETFILTER);
    }

    /** The number by which the kernel tells others who made a change (struct sockaddr_nl); 0 before the first request. */
    int port() {
        NativeBuffer address = NativeBuffer.allocate(12);
        NativeBuffer length = NativeBuffer.allocate(4);
        length.bytes().putInt(0, address.size());
        kernel.call(SystemCall.GETSOCKNAME, socket, address, length);
        return address.bytes().getInt(4);
    }

    /**
     * Sends the messages in one write and reads what comes back.
     *
     * @return the answers that are not acknowledgements
     * @throws NetlinkException for the first message the kernel refused; with rtnetlink the others have been carried out
     *         all the same, with an nf_tables batch none has
     */
    List<Reply> exchange(Messages messages) {
        turn.lock();
        borrowBuffer();
        try {
            for (int attempt = 1;; attempt++) {
                Exchange exchange = new Exchange(messages, nextSequence);
                nextSequence += messages.count();
                write(messages.bytes(exchange.first));
                while (!exchange.isOver()) {
                    exchange.take(read(messages));
                }
                if (!exchange.interrupted) {
                    return exchange.result();
                }
                // the table changed while it was dumped: what came may have gaps
                if (attempt == MOST_DUMP_ATTEMPTS) {
                    throw new NetlinkException(messages.purpose(0), Errno.EINTR, "the table kept changing under the dump");
                }
            }
        } finally {
            BUFFERS.add(buffer);
            turn.unlock();
        }
    }

    private void borrowBuffer() {
        NativeBuffer free = BUFFERS.poll();
        buffer = free == null ? NativeBuffer.allocate(BUFFER_SIZE) : free;
    }

    private void write(byte[] bytes) {
        if (bytes.length > buffer.size()) {
            buffer = NativeBuffer.allocate(bytes.length);
        }
        buffer.bytes().put(0, bytes);
        kernel.retry(SystemCall.WRITE, socket, buffer, Argument.of(bytes.length));
    }

    private byte[] read(Messages messages) {
        try {
            int length = (int) kernel.retry(SystemCall.READ, socket, buffer, Argument.of(buffer.size()));
            if (length == 0) {
                throw new IllegalStateException(messages.purpose(0) + ": the kernel's answer is empty");
            }
            return buffer.copy(0, length);
        } catch (SystemCallException failure) {
            if (failure.errno() == Errno.EAGAIN) {
                throw new IllegalStateException(messages.purpose(0) + ": the kernel gave no answer", failure);
            }
            throw failure;
        }
    }

    @Override
    public void close() {
        socket.close();
    }

    /** The state of one exchange: which messages the kernel has not finished answering, and what it has said. */
    private static final class Exchange {

        private final Messages messages;
        private final int first;
        private final boolean[] open;
        private final List<Reply> replies = new ArrayList<>();
        private int openCount;
        private NetlinkException failure;
        private boolean interrupted;

        Exchange(Messages messages, int first) {
            this.messages = messages;
            this.first = first;
            this.open = new boolean[messages.count()];
            for (int i = 0; i < open.length; i++) {
                open[i] = messages.expectsEnd(i);
                openCount += open[i] ? 1 : 0;
            }
        }

        boolean isOver() {
            return openCount == 0;
        }

        List<Reply> result() {
            if (failure != null) {
                throw failure;
            }
            return replies;
        }

        void take(byte[] datagram) {
            ByteBuffer bytes = ByteBuffer.wrap(datagram).order(ByteOrder.nativeOrder());
            int at = 0;
            while (at + Messages.HEADER <= datagram.length) {
                int length = bytes.getInt(at);
                if (length < Messages.HEADER || at + length > datagram.length) {
                    throw new IllegalStateException(messages.purpose(0) + ": the kernel's answer is cut off");
                }
                int index = bytes.getInt(at + 8) - first;
                // an index below 0 is left over from an exchange that failed
                if (index >= 0 && index < open.length) {
                    byte[] payload = Arrays.copyOfRange(datagram, at + Messages.HEADER, at + length);
                    take(index, bytes.getShort(at + 4), bytes.getShort(at + 6), payload);
                }
                at += (length + 3) & ~3;
            }
        }

        private void take(int index, int type, int flags, byte[] payload) {
            interrupted |= (flags & NLM_F_DUMP_INTR) != 0;
            if (type != NLMSG_ERROR && type != NLMSG_DONE) {
                replies.add(new Reply(type, payload));
                return;
            }
            int error = -ByteBuffer.wrap(payload).order(ByteOrder.nativeOrder()).getInt();
            if (error > 0 && failure == null) {
                int attributes = type == NLMSG_ERROR ? ERROR_SIZE : 4;
                String words = (flags & NLM_F_ACK_TLVS) == 0 ? ""
                        : new Attributes(payload, attributes).text(NLMSGERR_ATTR_MSG).orElse("");
                failure = new NetlinkException(messages.purpose(index), Errno.of(error), words);
            }
            if (open[index]) {
                open[index] = false;
                openCount--;
            } else if (error > 0 && index == 0) {
                // the kernel threw a batch away as a whole and answers nothing else
                openCount = 0;
            }
        }
    }
}
