package io.berth.daemon.image;

import io.berth.api.image.ProgressSink;
import io.berth.api.wire.image.Progress;
import io.berth.daemon.system.Failures;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The lines that a client sees of a transfer, from the threads that move to the one that writes. A client that reads slowly holds
 * nothing up: of a layer's count only the newest waits for it.
 */
final class ProgressLines {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** By what they say; a count takes the place of the count before. */
    private final LinkedHashMap<Object, Progress> waiting = new LinkedHashMap<>();
    private boolean ended;

    /** What the lines are about. */
    interface Work {
        void run() throws InterruptedException;
    }

    void add(Progress line) {
        put(new Object(), line);
    }

    /** @param key of a line that takes the place of the one before with the same, where that stood, if it waits still */
    void put(Object key, Progress line) {
        lock.lock();
        try {
            waiting.put(key, line);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        lock.lock();
        try {
            ended = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Works on a thread of its own and writes the lines as they come. When the client goes, or this is interrupted, the work is, too. */
    void run(String name, Work work, ProgressSink sink) throws IOException, InterruptedException {
        CompletableFuture<Void> result = new CompletableFuture<>();
        Thread worker = Thread.ofPlatform().daemon().name(name).start(() -> {
            try {
                work.run();
                result.complete(null);
            } catch (Throwable failure) {
                result.completeExceptionally(failure);
            } finally {
                end();
            }
        });
        try {
            writeAll(sink);
        } catch (IOException | InterruptedException clientGone) {
            worker.interrupt();
            throw clientGone;
        } finally {
            result.handle((done, failed) -> done).join();
        }
        try {
            result.get();
        } catch (ExecutionException failure) {
            throw failure.getCause() instanceof RuntimeException cause ? Failures.translate(cause) : new IllegalStateException(failure.getCause());
        }
    }

    private void writeAll(ProgressSink sink) throws IOException, InterruptedException {
        while (true) {
            Progress line;
            lock.lockInterruptibly();
            try {
                while (waiting.isEmpty() && !ended) {
                    changed.await();
                }
                if (waiting.isEmpty()) {
                    return;
                }
                line = waiting.pollFirstEntry().getValue();
            } finally {
                lock.unlock();
            }
            sink.write(line);
        }
    }
}
