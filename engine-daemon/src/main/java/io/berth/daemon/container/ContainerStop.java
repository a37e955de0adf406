package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.daemon.failpoint.Failpoint;
import io.berth.linux.keeper.KeeperClient;
import io.berth.linux.keeper.KeeperException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Ends running containers, politely or not. */
final class ContainerStop {

    /** How long the kernel may take to end a killed process; one that hangs in a device's driver never ends. */
    private static final int KILL_SECONDS = 10;

    private final KeeperClient keeper;
    private final ContainerEvents events;

    ContainerStop(KeeperClient keeper, ContainerEvents events) {
        this.keeper = keeper;
        this.events = events;
    }

    /**
     * Sends the signal, waits, kills, and returns when the container has ended.
     *
     * @param seconds until the kill, negative for ever
     * @throws ApiException not modified, when it does not run
     */
    void stop(Container container, int signal, int seconds) throws InterruptedException {
        if (!container.state().isRunning()) {
            throw ApiException.notModified();
        }
        CompletableFuture<Integer> exit = container.stopped();
        signal(container, signal);
        Failpoint.STOP_SIGNALLED.reach();
        if (!ends(exit, seconds)) {
            kill(container);
        }
        events.publish(container, "stop");
    }

    /** Kills it and returns when it has ended; harmless when it has already. */
    void kill(Container container) throws InterruptedException {
        CompletableFuture<Integer> exit = container.stopped();
        if (!exit.isDone()) {
            signal(container, Signals.SIGKILL);
        }
        if (!ends(exit, KILL_SECONDS)) {
            throw new ApiException(ApiException.Kind.INTERNAL, "container " + container.name() + " was killed and does not end:"
                    + " its process hangs in the kernel");
        }
    }

    /** @throws ApiException conflict, when it does not run */
    void send(Container container, int signal) {
        if (!container.state().isRunning()) {
            throw ApiException.conflict("cannot kill container: " + container.name() + ": container " + container.id() + " is not running");
        }
        signal(container, signal);
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
