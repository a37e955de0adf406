package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.daemon.failpoint.Failpoint;
import io.berth.daemon.spec.ContainerSpec;
import io.berth.daemon.spec.Signals;
import io.berth.linux.keeper.KeeperClient;
import io.berth.linux.keeper.KeeperException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Ends running containers, politely or not. */
final class ContainerStop {

    /** How long the kernel may take to end a killed process; one that hangs in a device's driver never ends. */
    private static final int KILL_SECONDS = 10;

    /** The signals that ask a program to end, unless it says otherwise: HUP, for one, has other uses (signal(7)). */
    private static final Set<Integer> ENDING = Set.of(Signals.SIGINT, Signals.SIGQUIT, Signals.SIGKILL, Signals.SIGTERM);

    private final KeeperClient keeper;
    private final Containers containers;
    private final ContainerPause pause;
    private final Restarts restarts;
    private final ContainerEvents events;

    ContainerStop(KeeperClient keeper, Containers containers, ContainerPause pause, Restarts restarts, ContainerEvents events) {
        this.keeper = keeper;
        this.containers = containers;
        this.pause = pause;
        this.restarts = restarts;
        this.events = events;
    }

    /**
     * Sends the signal, waits, kills, and returns when the container has ended. No policy starts it again.
     *
     * @param seconds until the kill, negative for ever
     * @throws ApiException not modified, when it does not run
     */
    void stop(Container container, int signal, int seconds) throws InterruptedException {
        if (!container.state().isUp()) {
            throw ApiException.notModified();
        }
        if (!isOver(container)) {
            end(container, signal, seconds);
        }
        events.publish(container, "stop");
    }

    /**
     * Ends a container and has it started again, as its restart policy would do after an end of its own; unless somebody else stops it
     * meanwhile. For one that is found to be unhealthy. Returns when it has ended; harmless when it does not run.
     */
    void renew(Container container) throws InterruptedException {
        Optional<ContainerState.Running> run = container.state().currentRun();
        if (run.isPresent()) {
            container.renewAfterRun(run.get().generation());
            ContainerSpec.Ending ending = container.spec().ending();
            end(container, ending.stopSignal(), ending.stopTimeout());
        }
    }

    private void end(Container container, int signal, int seconds) throws InterruptedException {
        CompletableFuture<Integer> exit = container.stopped();
        signal(container, signal);
        Failpoint.STOP_SIGNALLED.reach();
        if (!ends(exit, seconds)) {
            signal(container, Signals.SIGKILL);
            awaitDeath(container, exit);
        }
    }

    /** Kills it and returns when it has ended; harmless when it has already. */
    void kill(Container container) throws InterruptedException {
        if (isOver(container)) {
            return;
        }
        CompletableFuture<Integer> exit = container.stopped();
        if (!exit.isDone()) {
            signal(container, Signals.SIGKILL);
            Failpoint.KILL_SIGNALLED.reach();
        }
        awaitDeath(container, exit);
    }

    private static void awaitDeath(Container container, CompletableFuture<Integer> exit) throws InterruptedException {
        if (!ends(exit, KILL_SECONDS)) {
            throw new ApiException(ApiException.Kind.INTERNAL, "container " + container.name() + " was killed and does not end:"
                    + " its process hangs in the kernel");
        }
    }

    /**
     * Sends a signal; after the one that nothing survives, returns when the container has ended, so that it can be removed or started
     * at once.
     *
     * @throws ApiException conflict, when it does not run
     */
    void send(Container container, int signal) throws InterruptedException {
        if (!container.state().isUp()) {
            throw ApiException.conflict("container " + container.id() + " is not running");
        }
        if (signal == Signals.SIGKILL) {
            kill(container);
        } else if (!(ENDING.contains(signal) || signal == container.spec().ending().stopSignal()) || !isOver(container)) {
            signal(container, signal);
            Failpoint.KILL_SIGNALLED.reach();
        }
    }

    /**
     * Remembers that somebody wants the container to end: no policy starts it again. Whether that is all, because it waits for its
     * next start and now waits no more.
     */
    private boolean isOver(Container container) {
        if (!container.spec().ending().restart().restarts() && !(container.state() instanceof ContainerState.Restarting)) {
            return false;
        }
        container.lifecycle().lock();
        try {
            if (restarts.giveUp(container)) {
                return true;
            }
            if (container.state().isRunning() && !container.supervision().endedByHand()) {
                container.supervise(container.supervision().ended());
                containers.changed(container); // a daemon that is killed before the end comes knows it too
            }
            return !container.state().isUp();
        } finally {
            container.lifecycle().unlock();
        }
    }

    private void signal(Container container, int signal) {
        try {
            keeper.signal(container.id().hex(), signal);
        } catch (KeeperException gone) {
            if (gone.kind() != KeeperException.Kind.NOT_FOUND) {
                throw gone;
            }
            return; // it has just ended; the news is on its way
        }
        events.publish(container, "kill", Map.of("signal", Integer.toString(signal)));
        pause.thaw(container); // what stands still cannot even die of it, on cgroup v1
    }

    private static boolean ends(CompletableFuture<Integer> exit, int seconds) throws InterruptedException {
        try {
            if (seconds < 0) {
                exit.get();
            } else {
                exit.get(seconds, TimeUnit.SECONDS);
            }
            return true;
        } catch (TimeoutException late) {
            return false;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("the news of an exit never fails", impossible);
        }
    }
}
