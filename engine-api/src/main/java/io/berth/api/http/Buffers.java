package io.berth.api.http;

import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;

/** The memory of all connections: one small arena without caches, because the engine idles most of the time. */
final class Buffers {
    private static final int PAGE = 8 << 10;
    /** 2^5 pages a chunk: 256 KiB. */
    private static final int CHUNK_ORDER = 5;

    static final PooledByteBufAllocator ALLOCATOR = new PooledByteBufAllocator(true, 0, 1, PAGE, CHUNK_ORDER, 0, 0, false);

    private Buffers() {
    }

    /** How many buffers nobody has released yet. */
    static long inUse() {
        return ALLOCATOR.metric().directArenas().stream().mapToLong(PoolArenaMetric::numActiveAllocations).sum();
    }
}
