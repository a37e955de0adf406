package io.berth.linux.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CgroupRemovalTest {

    @Test
    void aBusyGroupIsTriedUntilItIsGone() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        try (CgroupRemoval removal = new CgroupRemoval(id -> attempts.incrementAndGet() == 4, TimeUnit.MINUTES.toNanos(1))) {
            removal.start("a").get(10, TimeUnit.SECONDS);
        }
        assertEquals(4, attempts.get());
    }

    @Test
    void aGroupThatStaysBusyIsGivenUpAndNamed() {
        try (CgroupRemoval removal = new CgroupRemoval(id -> false, TimeUnit.MILLISECONDS.toNanos(5))) {
            ExecutionException failure = assertThrows(ExecutionException.class,
                    () -> removal.start("stuck").get(10, TimeUnit.SECONDS));
            assertInstanceOf(CgroupException.class, failure.getCause());
            assertTrue(failure.getCause().getMessage().contains("container stuck"));
        }
    }

    @Test
    void oneRemovalServesAllWhoAskAndAFailureIsNotRememberedForTheNext() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        AtomicInteger attempts = new AtomicInteger();
        try (CgroupRemoval removal = new CgroupRemoval(id -> {
            attempts.incrementAndGet();
            try {
                asked.await();
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
            throw new CgroupException("broken");
        }, TimeUnit.MINUTES.toNanos(1))) {
            CompletableFuture<Void> first = removal.start("a");
            assertSame(first, removal.start("a"));
            asked.countDown();
            removal.await("a");
            assertThrows(ExecutionException.class, first::get);
            assertThrows(ExecutionException.class, () -> removal.start("a").get(10, TimeUnit.SECONDS));
        }
        assertEquals(2, attempts.get());
    }
}
