package io.berth.daemon.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.linux.keeper.Attachment;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.RecordingKernel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ContainerTest {

    private final RecordingKernel kernel = new RecordingKernel();
    private final Container container = Fixtures.container();

    @Test
    void theStateChangesOnlyFromWhatItIs() {
        ContainerState created = container.state();
        assertTrue(container.change(created, Fixtures.running(1)));
        assertFalse(container.change(created, Fixtures.running(1)), "somebody was quicker");
        assertThrows(IllegalStateException.class, () -> container.change(container.state(), created));
        assertEquals("running", container.state().word());
    }

    @Test
    void aContainerThatNeverRanWasNotKilledForWantOfMemory() {
        assertFalse(container.wasOomKilled(container.state().generation()));
        container.oomKilled(1);
        assertTrue(container.wasOomKilled(1));
    }

    @Test
    void whoWaitsForANotRunningContainerIsToldAtOnce() {
        assertEquals(0, container.stopped().join());
        container.change(container.state(), new ContainerState.Created(127, "not found"));
        assertEquals(127, container.stopped().join());
    }

    @Test
    void aWaitIsOverWhenTheExitIsAnnouncedNotBefore() {
        run(1);
        CompletableFuture<Integer> early = container.stopped();
        CompletableFuture<Integer> next = container.nextExit();
        container.change(container.state(), Fixtures.exited(1, 7));
        CompletableFuture<Integer> late = container.stopped();
        assertFalse(early.isDone() || next.isDone() || late.isDone());
        container.announceExit(7);
        assertEquals(List.of(7, 7, 7), List.of(early.join(), next.join(), late.join()));
    }

    @Test
    void aWaitForTheNextExitBeforeTheStartSeesAnInstantExit() {
        CompletableFuture<Integer> next = container.nextExit();
        run(1);
        end(1, 3);
        assertEquals(3, next.join());
    }

    @Test
    void aWaitForTheNextExitThatComesWhileOneIsBeingToldGetsTheOneAfter() {
        run(1);
        container.change(container.state(), Fixtures.exited(1, 1));
        CompletableFuture<Integer> next = container.nextExit();
        container.announceExit(1);
        assertFalse(next.isDone());
        run(2);
        end(2, 2);
        assertEquals(2, next.join());
    }

    @Test
    void aClientIsKeptUntilTheStartAndNoLonger() {
        PendingAttachment early = client(50);
        assertTrue(container.keepUntilStart(early));
        assertEquals(List.of(early), container.takePending());
        assertEquals(List.of(), container.takePending());
        run(1);
        assertFalse(container.keepUntilStart(client(51)));
        end(1, 0);
        assertTrue(container.keepUntilStart(client(52)), "it may be started again");
    }

    @Test
    void aContainerThatGoesKeepsNoClient() {
        container.change(container.state(), new ContainerState.Removing(container.state()));
        assertFalse(container.keepUntilStart(client(50)));
    }

    /** Whoever attaches is either there when the starter collects for the second time, or is told that the container runs. */
    @Test
    void noClientIsLostBetweenAttachAndStart() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < 500; round++) {
                Container raced = Fixtures.container();
                PendingAttachment client = client(50);
                CyclicBarrier together = new CyclicBarrier(2);
                Future<Boolean> kept = threads.submit(() -> {
                    together.await();
                    return raced.keepUntilStart(client);
                });
                Future<List<PendingAttachment>> collected = threads.submit(() -> {
                    together.await();
                    raced.change(raced.state(), Fixtures.running(1));
                    return raced.takePending();
                });
                assertEquals(kept.get() ? List.of(client) : List.of(), collected.get());
            }
        }
    }

    @Test
    void onlyOneOfTwoChangesFromTheSameStateWins() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < 500; round++) {
                Container raced = Fixtures.container();
                ContainerState before = raced.state();
                CyclicBarrier together = new CyclicBarrier(2);
                ContainerState removing = new ContainerState.Removing(before);
                Future<Boolean> started = threads.submit(() -> {
                    together.await();
                    return raced.change(before, Fixtures.running(1));
                });
                Future<Boolean> removed = threads.submit(() -> {
                    together.await();
                    return raced.change(before, removing);
                });
                assertTrue(started.get() ^ removed.get());
                assertSame(removed.get() ? "removing" : "running", raced.state().word());
            }
        }
    }

    @Test
    void onlyARestartKeepsAContainerThatGoesAfterItsRun() {
        Container temporary = Fixtures.container(Fixtures.id("b"), "temporary", host -> host.autoRemove = true);
        temporary.keepAfterRun(1);
        assertFalse(temporary.goesAfterRun(1));
        assertTrue(temporary.goesAfterRun(2));
        assertFalse(container.goesAfterRun(2), "it was not made with --rm");
    }

    @Test
    void theExitCodeIsThatOfTheLastRun() {
        run(1);
        assertEquals(0, container.exitCode());
        end(1, 5);
        assertEquals(5, container.exitCode());
        container.change(container.state(), new ContainerState.Removing(container.state()));
        assertEquals(5, container.exitCode());
    }

    private void run(long generation) {
        assertTrue(container.change(container.state(), Fixtures.running(generation)));
    }

    private void end(long generation, int exitCode) {
        assertTrue(container.change(container.state(), Fixtures.exited(generation, exitCode)));
        container.announceExit(exitCode);
    }

    private PendingAttachment client(int socket) {
        return new PendingAttachment(new Attachment(new Fd(kernel, socket), 1, true, true, true, true, false, new byte[0], new byte[0]));
    }
}
