package io.berth.store.transfer;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;

/**
 * What is under way, so that nothing is done twice at a time, and not too much at once.
 *
 * @param <K> names one thing to do
 */
final class Transfers<K> {

    private final ConcurrentHashMap<K, CompletableFuture<Boolean>> underWay = new ConcurrentHashMap<>();
    private final Semaphore places;

    Transfers(int places) {
        this.places = new Semaphore(places, true);
    }

    /** Moves one thing. */
    interface Transfer {
        void run() throws InterruptedException;
    }

    /**
     * Runs the transfer, or waits for the one of somebody else.
     *
     * @param waits told when there is no place for it yet
     * @return false when somebody else's has ended, well or badly: whoever asked looks again what is there
     */
    boolean run(K key, Transfer transfer, Runnable waits) throws InterruptedException {
        CompletableFuture<Boolean> mine = new CompletableFuture<>();
        CompletableFuture<Boolean> others = underWay.putIfAbsent(key, mine);
        if (others != null) {
            await(others);
            return false;
        }
        try {
            if (!places.tryAcquire()) {
                waits.run();
                places.acquire();
            }
            try {
                transfer.run();
            } finally {
                places.release();
            }
            return true;
        } finally {
            underWay.remove(key, mine);
            mine.complete(true);
        }
    }

    private static void await(CompletableFuture<Boolean> end) throws InterruptedException {
        try {
            end.get();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
