package io.berth.api.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The way from handlers to the client. A write is sent at once, and blocks while more than the channel's high-water mark waits to be
 * sent: that is all the memory a slow client costs.
 */
final class Outbound {
    /** The largest piece sent at once; the high-water mark may be exceeded by one. */
    static final int PIECE = 32 << 10;

    private final Channel channel;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    Outbound(Channel channel) {
        this.channel = channel;
    }

    /** A buffer for {@link #write}. */
    ByteBuf buffer(int capacity) {
        return channel.alloc().directBuffer(capacity);
    }

    /** Sends the buffer and takes it over. */
    void write(ByteBuf bytes) throws IOException {
        if (!channel.isActive()) {
            bytes.release();
            throw gone();
        }
        channel.writeAndFlush(bytes, channel.voidPromise());
        awaitRoom();
    }

    private void awaitRoom() throws IOException {
        if (channel.isWritable()) {
            return;
        }
        lock.lock();
        try {
            while (!channel.isWritable()) {
                if (!channel.isActive()) {
                    throw gone();
                }
                changed.await();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the client to read");
        } finally {
            lock.unlock();
        }
    }

    /** Called on the event loop when the channel became writable or inactive. */
    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private ClientGoneException gone() {
        return new ClientGoneException("write to the client: it has closed the connection");
    }
}
