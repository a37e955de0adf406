package io.berth.daemon.boot;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HeapWatchTest {

    private static final long MIB = 1 << 20;

    private final HeapWatch heap = new HeapWatch(5 * MIB, 8 * MIB);

    @Test
    void aHeapThatHasNotGrownIsLeftAlone() {
        assertFalse(heap.wantsCollection(5 * MIB, 8 * MIB));
    }

    @Test
    void workThatGoesOnIsNotDisturbedForLittle() {
        assertFalse(heap.wantsCollection(30 * MIB, 40 * MIB));
        assertFalse(heap.wantsCollection(10 * MIB, 40 * MIB)); // a collection of the young has just been
        assertFalse(heap.wantsCollection(12 * MIB, 40 * MIB));
    }

    @Test
    void aHeapThatHasGrownIsCollectedOnceWhenNothingGoesOn() {
        assertFalse(heap.wantsCollection(30 * MIB, 40 * MIB));
        assertTrue(heap.wantsCollection(30 * MIB + 1000, 40 * MIB));
        heap.collected(9 * MIB, 20 * MIB);
        assertFalse(heap.wantsCollection(9 * MIB + 1000, 20 * MIB));
    }

    @Test
    void garbageDoesNotPileUpWhileWorkGoesOn() {
        assertFalse(heap.wantsCollection(30 * MIB, 40 * MIB));
        assertTrue(heap.wantsCollection(38 * MIB, 41 * MIB));
        heap.collected(9 * MIB, 12 * MIB);
        assertFalse(heap.wantsCollection(35 * MIB, 44 * MIB));
    }

    @Test
    void aLargeHeapIsCollectedUnderLoadOnlyWhenItHasDoubled() {
        heap.collected(60 * MIB, 70 * MIB);
        assertFalse(heap.wantsCollection(100 * MIB, 130 * MIB));
        assertTrue(heap.wantsCollection(120 * MIB, 141 * MIB));
    }
}
