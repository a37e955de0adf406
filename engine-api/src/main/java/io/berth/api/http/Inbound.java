package io.berth.api.http;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bytes on their way from the event loop to the handler: the body of a request, or a raw stream. The event loop reads on while there
 * is {@link #hasRoom}; the reader asks it to when room has come back.
 */
final class Inbound extends InputStream {
    private static final int ROOM = 128 << 10;

    private final Runnable readMore;
    private final Runnable beforeFirstRead;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<ByteBuf> queue = new ArrayDeque<>();
    private int queued;
    private boolean touched;
    private boolean ended;
    private boolean discarding;
    private IOException failure;

    /**
     * @param readMore asks the event loop for more bytes
     * @param beforeFirstRead runs on the reader's thread before it first has to wait
     */
    Inbound(Runnable readMore, Runnable beforeFirstRead) {
        this.readMore = readMore;
        this.beforeFirstRead = beforeFirstRead;
    }

    /** Takes over the buffer. */
    void offer(ByteBuf bytes) {
        lock.lock();
        try {
            if (discarding || !bytes.isReadable()) {
                bytes.release();
                return;
            }
            queue.add(bytes);
            queued += bytes.readableBytes();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** No more bytes will come. */
    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The rest will never come; what is here already can still be read. */
    void fail(IOException reason) {
        lock.lock();
        try {
            if (!ended && failure == null) {
                failure = reason;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Throws away what is here and what is to come; readers fail from now on. */
    void discard() {
        lock.lock();
        try {
            discarding = true;
            queue.forEach(ByteBuf::release);
            queue.clear();
            queued = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean hasRoom() {
        lock.lock();
        try {
            return queued < ROOM && !ended;
        } finally {
            lock.unlock();
        }
    }

    /** Everything that is here, without waiting; afterwards as after {@link #discard}. */
    byte[] takeAll() {
        lock.lock();
        try {
            byte[] all = new byte[queued];
            int at = 0;
            for (ByteBuf bytes : queue) {
                int length = bytes.readableBytes();
                bytes.readBytes(all, at, length);
                at += length;
            }
            discard();
            return all;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        if (!touched) {
            touched = true;
            beforeFirstRead.run();
        }
        lock.lock();
        try {
            awaitBytes();
            if (queue.isEmpty()) {
                return -1;
            }
            return take(into, offset, length);
        } finally {
            lock.unlock();
        }
    }

    private void awaitBytes() throws IOException {
        while (queue.isEmpty()) {
            if (discarding) {
                throw new IOException("read from a request that was answered already");
            }
            if (ended) {
                return;
            }
            if (failure != null) {
                throw failure;
            }
            readMore.run();
            try {
                changed.await();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while waiting for the client to send");
            }
        }
    }

    private int take(byte[] into, int offset, int length) {
        ByteBuf first = queue.peek();
        int count = Math.min(length, first.readableBytes());
        first.readBytes(into, offset, count);
        boolean hadRoom = queued < ROOM;
        queued -= count;
        if (!first.isReadable()) {
            queue.remove().release();
        }
        if (!hadRoom && queued < ROOM) {
            readMore.run();
        }
        return count;
    }

    @Override
    public int available() {
        lock.lock();
        try {
            return queued;
        } finally {
            lock.unlock();
        }
    }
}
