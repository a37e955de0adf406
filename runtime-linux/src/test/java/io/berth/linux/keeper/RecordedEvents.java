package io.berth.linux.keeper;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/** Writes down what a keeper tells, and lets a test wait for it. */
final class RecordedEvents implements KeeperEvents {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Exit> exits = new ArrayList<>();
    private final List<String> words = new ArrayList<>();

    @Override
    public void exited(Exit exit) {
        add(exits, exit);
    }

    @Override
    public void detached(String key, long generation, long tag) {
        add(words, "detached " + key + ' ' + generation + ' ' + tag);
    }

    @Override
    public void lost(String reason) {
        add(words, "lost: " + reason);
    }

    Exit awaitExit(String key) {
        return await(exits, exit -> exit.key().equals(key));
    }

    String awaitWord(String start) {
        return await(words, word -> word.startsWith(start));
    }

    List<Exit> exits() {
        lock.lock();
        try {
            return List.copyOf(exits);
        } finally {
            lock.unlock();
        }
    }

    private <T> void add(List<T> list, T item) {
        lock.lock();
        try {
            list.add(item);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private <T> T await(List<T> list, Predicate<T> wanted) {
        lock.lock();
        try {
            long left = PATIENCE.toNanos();
            while (list.stream().noneMatch(wanted)) {
                if (left <= 0) {
                    throw new AssertionError("not told within " + PATIENCE + "; told: " + exits + words);
                }
                left = changed.awaitNanos(left);
            }
            return list.stream().filter(wanted).findFirst().orElseThrow();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        } finally {
            lock.unlock();
        }
    }
}
