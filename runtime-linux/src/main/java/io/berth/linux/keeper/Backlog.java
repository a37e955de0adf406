package io.berth.linux.keeper;

import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import java.util.ArrayDeque;

/** Bytes that a descriptor has not taken yet, in order. For one thread. */
final class Backlog {

    /** The memory of all backlogs of a thread: pieces are used again, and how much is in use is known. */
    static final class Pool {
        private static final int PIECE = 16 * 1024;
        private static final int MOST_SPARE = 32;
        private final ArrayDeque<NativeBuffer> spare = new ArrayDeque<>();
        private long inUse;

        /** The bytes that all backlogs take. */
        long inUse() {
            return inUse;
        }

        private NativeBuffer take() {
            inUse += PIECE;
            NativeBuffer piece = spare.poll();
            return piece == null ? NativeBuffer.allocate(PIECE) : piece;
        }

        private void giveBack(NativeBuffer piece) {
            inUse -= PIECE;
            if (spare.size() < MOST_SPARE) {
                spare.add(piece);
            }
        }
    }

    private final Pool pool;
    private final ArrayDeque<NativeBuffer> pieces = new ArrayDeque<>();
    /** Where the first piece begins and the last ends. */
    private int start;
    private int end = Pool.PIECE;
    private int size;

    Backlog(Pool pool) {
        this.pool = pool;
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    void add(NativeBuffer from, int offset, int length) {
        int done = 0;
        while (done < length) {
            if (end == Pool.PIECE) {
                pieces.add(pool.take());
                end = 0;
            }
            int count = Math.min(length - done, Pool.PIECE - end);
            pieces.getLast().bytes().put(end, from.bytes(), offset + done, count);
            end += count;
            done += count;
        }
        size += length;
    }

    /**
     * Writes until the descriptor takes no more.
     *
     * @return 0, or the errno that makes all further writing useless
     */
    int flush(Kernel kernel, Fd fd) {
        while (size > 0) {
            NativeBuffer first = pieces.getFirst();
            int available = (pieces.size() == 1 ? end : Pool.PIECE) - start;
            long written = kernel.attempt(SystemCall.WRITE, fd, first.from(start), of(available));
            if (written < 0) {
                return written == -Errno.EAGAIN.number() || written == -Errno.EINTR.number() ? 0 : (int) -written;
            }
            size -= (int) written;
            start += (int) written;
            if (written == available) {
                pool.giveBack(pieces.removeFirst());
                start = 0;
            }
            if (pieces.isEmpty()) {
                end = Pool.PIECE;
            }
            if (written < available) {
                return 0;
            }
        }
        return 0;
    }

    void clear() {
        while (!pieces.isEmpty()) {
            pool.giveBack(pieces.removeFirst());
        }
        start = 0;
        end = Pool.PIECE;
        size = 0;
    }
}
