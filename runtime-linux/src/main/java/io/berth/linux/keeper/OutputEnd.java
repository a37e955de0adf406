package io.berth.linux.keeper;

import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.keeper.log.ChunkBuffer;
import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCall;

/** Where the output of a process comes from: a pipe's end, or a terminal's master. On the pump's thread. */
final class OutputEnd {

    /** Told of each chunk, which is in the buffer. */
    interface Receiver {
        void output(int stream, int length);

        /** Whether it wants the bytes of the pipe rather than in the buffer. */
        boolean takesPipe(int stream);

        /** Takes a chunk out of the pipe; the result of read(2). */
        int pass(Fd pipe, int stream);
    }

    /** What a pipe can hold at most unless the administrator says otherwise (fs.pipe-max-size). */
    private static final int LARGEST_PIPE = 1 << 20;

    /** So many reads that found much in the pipe are a busy stream, worth a larger one and worth not to be copied. */
    private static final int BUSY = 8;
    private static final int LARGE = 48 * 1024;

    private final Kernel kernel;
    private final Fd fd;
    private final int stream;
    private final boolean terminal;
    private final ChunkBuffer chunk;
    private final WidePipes wide;
    private final Receiver receiver;
    private final EventLoop.Registration registration;
    /** Less the small ones, and counted up to twice the number that makes a stream a busy one. */
    private int largeReads;
    private boolean held;
    private boolean closed;

    OutputEnd(Kernel kernel, EventLoop loop, ChunkBuffer chunk, WidePipes wide, Fd fd, int stream, boolean terminal, Receiver receiver) {
        this.kernel = kernel;
        this.fd = fd;
        this.stream = stream;
        this.terminal = terminal;
        this.chunk = chunk;
        this.wide = wide;
        this.receiver = receiver;
        registration = loop.register(fd, EventLoop.IN, new EventLoop.Handler() {
            @Override
            public void ready(int events) {
                if (!held) {
                    read();
                }
            }
        });
    }

    /** Stops reading, or goes on. The kernel reports a hangup all the same, so while held only once. */
    void hold(boolean hold) {
        if (!closed) {
            held = hold;
            registration.interest(hold ? EventLoop.EDGE : EventLoop.IN);
        }
    }

    /**
     * Reads what is there without waiting for more, then closes: the process has ended. A child it left behind may hold the
     * other end open and write for ever, so no more is read than a pipe holds.
     */
    void drain() {
        for (int total = 0, length; total < LARGEST_PIPE && !closed && (length = read()) > 0; ) {
            total += length;
        }
        close();
    }

    void close() {
        if (!closed) {
            closed = true;
            registration.close();
            wide.forget(fd);
            fd.close();
        }
    }

    private int read() {
        boolean passes = largeReads >= BUSY && receiver.takesPipe(stream);
        int length = passes ? receiver.pass(fd, stream)
                : (int) kernel.attempt(SystemCall.READ, fd, chunk.memory().from(ChunkBuffer.DATA), of(ChunkBuffer.SIZE));
        if (length > 0) {
            watch(length);
            if (!passes) {
                receiver.output(stream, length);
            }
        } else if (length == -Errno.EIO.number() && terminal) {
            // Nobody has the terminal open just now; a process may open it again, as init systems do with the console.
            registration.interest(EventLoop.IN | EventLoop.EDGE);
        } else if (length != -Errno.EAGAIN.number() && length != -Errno.EINTR.number()) {
            close();
        }
        return length;
    }

    /** Looks whether its process fills the pipe faster than it is emptied. A terminal's master never brings so much. */
    private void watch(int length) {
        if (length < LARGE) {
            largeReads = Math.max(0, largeReads - 1);
        } else if (++largeReads == BUSY) {
            wide.widen(fd);
        } else {
            largeReads = Math.min(largeReads, 2 * BUSY);
        }
    }
}
