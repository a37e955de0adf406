package io.berth.linux.cgroup;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Removes groups behind the callers' backs. A process that has just been killed holds its group for a moment after its
 * exit has been reported, so a group that is busy is tried again, at growing intervals.
 */
final class CgroupRemoval implements AutoCloseable {

    private static final long FIRST_PAUSE_MICROSECONDS = 500;
    private static final long LONGEST_PAUSE_MICROSECONDS = 100_000;

    private final Predicate<String> attempt;
    private final long patienceNanoseconds;
    private final Map<String, CompletableFuture<Void>> pending = new ConcurrentHashMap<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("cgroup-removal").factory());

    /** @param attempt tries to remove the group of that id, and says whether it is gone */
    CgroupRemoval(Predicate<String> attempt, long patienceNanoseconds) {
        this.attempt = attempt;
        this.patienceNanoseconds = patienceNanoseconds;
    }

    CompletableFuture<Void> start(String id) {
        return pending.computeIfAbsent(id, absent -> {
            CompletableFuture<Void> done = new CompletableFuture<>();
            thread.execute(() -> tryUntil(id, done, System.nanoTime() + patienceNanoseconds, FIRST_PAUSE_MICROSECONDS));
            return done;
        });
    }

    private void tryUntil(String id, CompletableFuture<Void> done, long deadline, long pause) {
        try {
            if (attempt.test(id)) {
                pending.remove(id);
                done.complete(null);
            } else if (System.nanoTime() - deadline > 0) {
                throw new CgroupException("cannot remove the control group of container " + id
                        + ": a process is still in it; kill it and try again");
            } else {
                long next = Math.min(2 * pause, LONGEST_PAUSE_MICROSECONDS);
                thread.schedule(() -> tryUntil(id, done, deadline, next), pause, TimeUnit.MICROSECONDS);
            }
        } catch (RuntimeException failure) {
            pending.remove(id);
            done.completeExceptionally(failure);
        }
    }

    /** Waits for a removal of that id that is under way, however it ends. */
    void await(String id) {
        CompletableFuture<Void> removal = pending.get(id);
        if (removal != null) {
            removal.exceptionally(failure -> null).join();
        }
    }

    @Override
    public void close() {
        pending.keySet().forEach(this::await);
        thread.close();
    }
}
