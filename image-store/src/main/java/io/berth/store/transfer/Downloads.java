package io.berth.store.transfer;

import io.berth.store.content.Digest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;

/** What is being downloaded, so that nothing is downloaded twice at a time, and not too much at once. */
final class Downloads {

    private final ConcurrentHashMap<Digest, CompletableFuture<Boolean>> underWay = new ConcurrentHashMap<>();
    private final Semaphore places;

    Downloads(int places) {
        this.places = new Semaphore(places, true);
    }

    /** Brings one blob into the store. */
    interface Download {
        void run();
    }

    /**
     * Runs the download, or waits for the one of somebody else.
     *
     * @param waits told when there is no place for it yet
     * @return false when somebody else's has ended, well or badly: whoever asked looks again what is there
     */
    boolean run(Digest blob, Download download, Runnable waits) throws InterruptedException {
        CompletableFuture<Boolean> mine = new CompletableFuture<>();
        CompletableFuture<Boolean> others = underWay.putIfAbsent(blob, mine);
        if (others != null) {
            try {
                others.get();
            } catch (ExecutionException impossible) {
                throw new IllegalStateException(impossible);
            }
            return false;
        }
        try {
            if (!places.tryAcquire()) {
                waits.run();
                places.acquire();
            }
            try {
                download.run();
            } finally {
                places.release();
            }
            return true;
        } finally {
            underWay.remove(blob, mine);
            mine.complete(true);
        }
    }
}
