package io.berth.daemon.boot;

import java.util.concurrent.locks.LockSupport;

/**
 * Gives memory back after a burst of work, and bounds what garbage takes while the work goes on. The serial collector collects all of
 * the heap only when that has reached its largest size: without this a single large answer would be paid for until the next
 * restart, and a daemon that is busy for long would always come to take all it may. Memory outside of the heap goes the same way,
 * because buffers for system calls are freed with their objects.
 *
 * <p>Rests on {@code -XX:-ShrinkHeapInSteps}: with the steps a collection of all leaves the heap as large as it was, or almost.
 */
final class HeapWatch {

    private static final long INTERVAL_NANOS = 10_000_000_000L;
    /** A daemon that does nothing allocates less than this between two looks. */
    private static final long QUIET_BYTES = 256 << 10;
    /** It is not worth a collection to win less. */
    private static final long WORTH_BYTES = 6 << 20;
    /** Work that goes on is held up by a collection, for some 3 ms for each MiB that is in use, when there is as much as this to win. */
    private static final long BURDEN_BYTES = 32 << 20;

    private long usedBefore;
    private long sizeAfterCollection;

    HeapWatch(long used, long size) {
        usedBefore = used;
        sizeAfterCollection = size;
    }

    /** Looks every ten seconds, on a thread of its own. */
    static void start() {
        Runtime runtime = Runtime.getRuntime();
        HeapWatch heap = new HeapWatch(used(runtime), runtime.totalMemory());
        Thread.ofPlatform().name("heap-watch").daemon().start(() -> {
            while (true) {
                LockSupport.parkNanos(INTERVAL_NANOS);
                if (heap.wantsCollection(used(runtime), runtime.totalMemory())) {
                    System.gc();
                    heap.collected(used(runtime), runtime.totalMemory());
                }
            }
        });
    }

    private static long used(Runtime runtime) {
        return runtime.totalMemory() - runtime.freeMemory();
    }

    /** Whether the heap has grown since the last collection of all of it, by enough for what goes on now; sizes in bytes. */
    boolean wantsCollection(long used, long size) {
        boolean quiet = used >= usedBefore && used - usedBefore < QUIET_BYTES;
        usedBefore = used;
        // Twice its size: what a large heap costs to collect is paid in proportion.
        long worth = quiet ? WORTH_BYTES : Math.max(BURDEN_BYTES, sizeAfterCollection);
        return size - sizeAfterCollection > worth;
    }

    void collected(long used, long size) {
        usedBefore = used;
        sizeAfterCollection = size;
    }
}
