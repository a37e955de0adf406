package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.daemon.restart.BackOff;
import io.berth.daemon.spec.ContainerId;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts containers again by itself: after a run, as their policies ask for, and with the daemon. It has one thread, which only
 * counts down; a container that waits for its next start costs nothing.
 */
final class Restarts implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Restarts.class);
    /** How many start at the same time with the daemon, whose clients want to be served too. */
    private static final int AT_ONCE = 4;
    /** So long a container waits for those that it is linked to, as in the reference engine. */
    private static final long TARGETS_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Containers containers;
    private final ContainerStart start;
    private final Executor threads;
    /** Those whose start is to come; guarded by itself, which is told when one has been tried. */
    private final Set<ContainerId> coming = new HashSet<>();
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1,
            body -> Thread.ofPlatform().daemon().name("restarts").unstarted(body));

    Restarts(Containers containers, ContainerStart start, Executor threads) {
        this.containers = containers;
        this.start = start;
        this.threads = threads;
    }

    /** Lets a container wait for its next start, which comes unless its state changes before. The caller holds its lifecycle. */
    void await(Container container, ContainerState.Restarting state) {
        BackOff backOff = container.backOff().after(Duration.between(state.startedAt(), state.finishedAt()));
        container.backOff(backOff);
        isComing(container);
        try {
            timer.schedule(() -> threads.execute(() -> again(container, state)), backOff.last().toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closing) {
            LOG.debug("container {} is started again by the next daemon", container.id().shortForm());
        }
    }

    private void isComing(Container container) {
        synchronized (coming) {
            coming.add(container.id());
        }
    }

    private void hasCome(Container container) {
        synchronized (coming) {
            coming.remove(container.id());
            coming.notifyAll();
        }
    }

    /** One that is linked to others can only start when they run. */
    private void awaitTargets(Container container) {
        List<ContainerId> targets = container.definition().links().stream().map(link -> new ContainerId(link.target())).toList();
        long deadline = System.nanoTime() + TARGETS_NANOS;
        synchronized (coming) {
            try {
                for (long left = TARGETS_NANOS; left > 0 && targets.stream().anyMatch(coming::contains); left = deadline - System.nanoTime()) {
                    TimeUnit.NANOSECONDS.timedWait(coming, left);
                }
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void again(Container container, ContainerState expected) {
        awaitTargets(container);
        container.lifecycle().lock();
        try {
            if (container.state() == expected) {
                start.again(container);
            }
        } catch (ApiException overtaken) {
            LOG.debug("container {} is not started again: {}", container.id().shortForm(), overtaken.getMessage());
        } catch (RuntimeException failure) {
            LOG.warn("container {} cannot be started again: {}", container.id().shortForm(), failure.getMessage());
        } finally {
            container.lifecycle().unlock();
            hasCome(container);
        }
    }

    /**
     * Takes a container out of its wait; it counts as exited from now on.
     *
     * @return false when it did not wait
     */
    boolean giveUp(Container container) {
        container.lifecycle().lock();
        try {
            if (!(container.state() instanceof ContainerState.Restarting restarting)) {
                return false;
            }
            container.supervise(container.supervision().ended());
            container.change(restarting, restarting.given(restarting.exitCode(), ""));
            containers.changedDurably(container);
            container.announceExit(restarting.exitCode());
            return true;
        } finally {
            container.lifecycle().unlock();
        }
    }

    /** When the daemon has started: goes on with those that waited, and starts those that are to run whenever a daemon does. */
    void resume() {
        Queue<Runnable> starts = new ConcurrentLinkedQueue<>();
        for (Container container : containers.list().reversed()) { // those that others are linked to are the older ones
            switch (container.state()) {
                case ContainerState.Restarting waiting -> {
                    isComing(container);
                    starts.add(() -> again(container, waiting));
                }
                case ContainerState.Exited exited when container.spec().ending().restart()
                        .followsDaemonStart(exited.exitCode(), container.supervision()) -> {
                            isComing(container);
                            starts.add(() -> startWithDaemon(container, exited));
                        }
                default -> { }
            }
        }
        for (int worker = 0; worker < Math.min(AT_ONCE, starts.size()); worker++) {
            threads.execute(() -> {
                for (Runnable next = starts.poll(); next != null; next = starts.poll()) {
                    next.run();
                }
            });
        }
    }

    private void startWithDaemon(Container container, ContainerState.Exited expected) {
        awaitTargets(container);
        container.lifecycle().lock();
        try {
            if (container.state() == expected) {
                start.start(container);
            }
        } catch (RuntimeException failure) {
            LOG.warn("container {} cannot be started with the daemon: {}", container.id().shortForm(), failure.getMessage());
        } finally {
            container.lifecycle().unlock();
            hasCome(container);
        }
    }

    /** Those that wait are started by the next daemon. */
    @Override
    public void close() {
        timer.shutdownNow();
    }
}
