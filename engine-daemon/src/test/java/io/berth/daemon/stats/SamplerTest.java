package io.berth.daemon.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.api.wire.container.StatsResponse.Network;
import io.berth.linux.cgroup.CgroupStatistics;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SamplerTest {

    private final Sampler sampler = new Sampler();
    private final AtomicInteger readings = new AtomicInteger();
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

    /** Readings that are numbered by their seconds. */
    private final Supplier<Optional<Sample>> numbered = () -> {
        threads.add(Thread.currentThread());
        return Optional.of(sample(readings.incrementAndGet()));
    };

    @AfterEach
    void close() {
        sampler.close();
    }

    @Test
    void everyReadingComesWithTheOneBefore() throws InterruptedException {
        try (Sampler.Subscription subscription = sampler.subscribe("a", numbered)) {
            assertEquals(new Sampler.Pair(Optional.empty(), Optional.of(sample(1))), subscription.next().orElseThrow());
            assertEquals(new Sampler.Pair(Optional.of(sample(1)), Optional.of(sample(2))), subscription.next().orElseThrow());
        }
    }

    @Test
    void allWhoListenShareTheReadingsAndTheThread() throws InterruptedException {
        try (Sampler.Subscription first = sampler.subscribe("a", numbered); Sampler.Subscription second = sampler.subscribe("a", numbered);
                Sampler.Subscription other = sampler.subscribe("b", numbered)) {
            for (int round = 0; round < 2; round++) {
                first.next();
            }
            Instant seen = second.next().orElseThrow().now().orElseThrow().read();
            assertTrue(seen.getEpochSecond() >= 1);
            other.next();
            assertEquals(1, threads.size());
        }
    }

    @Test
    void nothingIsReadWhenNobodyListens() throws InterruptedException {
        try (Sampler.Subscription subscription = sampler.subscribe("a", numbered)) {
            subscription.next();
        }
        // A task that was already due when it was cancelled has run before this one has.
        try (Sampler.Subscription fresh = sampler.subscribe("a", numbered)) {
            Sampler.Pair first = fresh.next().orElseThrow();
            assertEquals(Optional.empty(), first.before(), "a new listener does not see what was read for the former");
        }
    }

    @Test
    void whatCannotBeReadIsNothingAndTheNextHasNothingBefore() throws InterruptedException {
        AtomicInteger turn = new AtomicInteger();
        try (Sampler.Subscription subscription = sampler.subscribe("a", () -> {
            if (turn.incrementAndGet() == 2) {
                throw new IllegalStateException("gone");
            }
            return Optional.of(sample(turn.get()));
        })) {
            subscription.next();
            assertEquals(new Sampler.Pair(Optional.empty(), Optional.empty()), subscription.next().orElseThrow());
            assertEquals(new Sampler.Pair(Optional.empty(), Optional.of(sample(3))), subscription.next().orElseThrow());
        }
    }

    @Test
    void theEndIsToldOnce() throws InterruptedException {
        Sampler.Subscription subscription = sampler.subscribe("a", numbered);
        subscription.end();
        assertEquals(Optional.empty(), subscription.next());
    }

    @Test
    void theMachinesTimeIsTheSumOfSevenFields() {
        assertEquals(new ProcessorTime(28L * 10_000_000, 2), ProcessorTime.parse("""
                cpu  1 2 3 4 5 6 7 8 9 10
                cpu0 1 2 3 4 5 6 7 8 9 10
                cpu1 0 0 0 0 0 0 0 0 0 0
                intr 5 cpu
                """));
    }

    @Test
    void interfacesAreReadWithoutTheLoopback() {
        assertEquals(Map.of("eth0", new Network(516, 6, 1, 2, 126, 3, 4, 5)), NetworkCounters.parse("""
                Inter-|   Receive                                                |  Transmit
                 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                    lo:    9       9    0    0    0     0          0         0        9       9    0    0    0     0       0          0
                  eth0:  516       6    1    2    0     0          0         0      126       3    4    5    0     0       0          0
                """));
        assertEquals(Map.of(), NetworkCounters.of(Integer.MAX_VALUE));
    }

    private static Sample sample(int number) {
        return new Sample(Instant.ofEpochSecond(number), CgroupStatistics.NONE, new ProcessorTime(0, 0), Map.of());
    }
}
