package io.berth.linux.keeper.log;

import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Tells one follower that its log has grown, or will not grow any more. Made by {@link LogWatches}. */
public final class LogWatch implements AutoCloseable {

    private final LogWatches watches;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long changes;
    private boolean ended;
    private boolean cancelled;

    LogWatch(LogWatches watches) {
        this.watches = watches;
    }

    /** The process has ended and its log is complete, as the keeper's exit event says. Any thread. */
    public void end() {
        signal(true, false);
    }

    /** The follower is to stop at once. Any thread. */
    public void cancel() {
        signal(false, true);
    }

    @Override
    public void close() {
        watches.remove(this);
    }

    void grown() {
        signal(false, false);
    }

    long changes() {
        lock.lock();
        try {
            return changes;
        } finally {
            lock.unlock();
        }
    }

    boolean isEnded() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    boolean isCancelled() {
        lock.lock();
        try {
            return cancelled;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a change after {@code seen}; false when the time (nanoseconds since 1970) has come instead. */
    boolean await(long seen, long untilNanos) {
        lock.lock();
        try {
            while (changes == seen) {
                if (untilNanos == Long.MAX_VALUE) {
                    changed.await();
                } else {
                    Instant now = Instant.now();
                    long left = untilNanos - (now.getEpochSecond() * 1_000_000_000L + now.getNano());
                    if (left <= 0 || !changed.await(left, TimeUnit.NANOSECONDS) && changes == seen) {
                        return false;
                    }
                }
            }
            return true;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void signal(boolean end, boolean cancel) {
        lock.lock();
        try {
            changes++;
            ended |= end;
            cancelled |= cancel;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
