package io.berth.daemon.boot;

import java.util.concurrent.locks.LockSupport;

/**
 * Gives memory back after a burst of work. The serial collector shrinks the heap only when it collects all of it, which a daemon
 * that has gone quiet never makes it do: without this a single large answer would be paid for until the next restart.
 */
final class IdleHeap {

    private static final long INTERVAL_NANOS = 10_000_000_000L;
    /** A daemon that does nothing allocates less than this between two looks. */
    private static final long QUIET_BYTES = 256 << 10;
    /** It is not worth a collection to win less. */
    private static final long WORTH_BYTES = 6 << 20;

    private long usedBefore;
    private long sizeAfterCollection;

    IdleHeap(long used, long size) {
        usedBefore = used;
        sizeAfterCollection = size;
    }

    /** Looks every ten seconds, on a thread of its own. */
    static void watch() {
        Runtime runtime = Runtime.getRuntime();
        IdleHeap heap = new IdleHeap(used(runtime), runtime.totalMemory());
        Thread.ofPlatform().name("idle-heap").daemon().start(() -> {
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

    /** Whether the heap has grown since the last collection of all of it and nothing goes on now; sizes in bytes. */
    boolean wantsCollection(long used, long size) {
        boolean quiet = used >= usedBefore && used - usedBefore < QUIET_BYTES;
        usedBefore = used;
        return quiet && size - sizeAfterCollection > WORTH_BYTES;
    }

    void collected(long used, long size) {
        usedBefore = used;
        sizeAfterCollection = size;
    }
}
