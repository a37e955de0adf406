package io.berth.daemon.container;

import io.berth.daemon.network.sandbox.Sandbox;
import io.berth.daemon.restart.BackOff;
import io.berth.daemon.restart.Supervision;
import io.berth.daemon.spec.ContainerId;
import io.berth.daemon.spec.ContainerSpec;
import io.berth.daemon.spec.Definition;
import io.berth.daemon.spec.Health;
import io.berth.daemon.spec.PortOptions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One container: its definition, its present state, and those who wait for it.
 *
 * <p>Readers take {@link #state} and never wait. {@link #lifecycle} is held by whoever starts, attaches to or removes the container, and
 * by the news of its exit, for milliseconds mostly and for as long as a launch hangs; stop and kill do not need it.
 */
final class Container {

    private final ContainerId id;
    private final Instant created;
    private final ReentrantLock lifecycle = new ReentrantLock();
    private final RootLease rootLease = new RootLease();
    private final List<PendingAttachment> pending = new ArrayList<>();
    /** What it is to be; both change together, under the lifecycle, when a container is renamed or updated. */
    private volatile Definition definition;
    private volatile ContainerSpec spec;
    /** Guards state changes, the waits and the pending attachments; never held across I/O. */
    private final Object monitor = new Object();
    /** Written under the monitor, read without: immutable values. */
    private volatile ContainerState state;
    private volatile Optional<Sandbox> sandbox;
    private volatile Optional<Health> health = Optional.empty();
    private CompletableFuture<Integer> nextExit = new CompletableFuture<>();
    /** The last run's end; completed once everything that follows from it has been done. */
    private CompletableFuture<Integer> lastExit = CompletableFuture.completedFuture(0);
    private CompletableFuture<Integer> removed = new CompletableFuture<>();
    /** Why it cannot be started, whatever its state; set when it is read back. */
    private volatile Optional<String> refusal = Optional.empty();
    /** The execs that were made in the present run and have not ended. */
    private final Set<String> execs = ConcurrentHashMap.newKeySet();
    /** The generation whose end does not remove the container, 0 for none. */
    private volatile long keptAfterRun;
    /** The generation that is followed by another whatever the policy says, 0 for none. */
    private volatile long renewedAfterRun;
    /** The last generation of which the kernel killed a process for want of memory, 0 for none. */
    private volatile long oomKilled;
    /** Written under the lifecycle. */
    private volatile Supervision supervision;
    /** Under the lifecycle. A new daemon begins anew. */
    private BackOff backOff = BackOff.NONE;

    Container(Definition definition, ContainerSpec spec, ContainerState state, Optional<Sandbox> sandbox) {
        this(definition, spec, state, sandbox, Supervision.FRESH);
    }

    Container(Definition definition, ContainerSpec spec, ContainerState state, Optional<Sandbox> sandbox, Supervision supervision) {
        this.id = definition.containerId();
        this.definition = definition;
        this.spec = spec;
        this.created = Instant.parse(definition.created());
        this.state = state;
        this.sandbox = sandbox;
        this.supervision = supervision;
    }

    ContainerId id() {
        return id;
    }

    /** Without the leading slash of the API. */
    String name() {
        return definition.name();
    }

    Definition definition() {
        return definition;
    }

    ContainerSpec spec() {
        return spec;
    }

    /** It is renamed or updated, which has been written down. */
    void redefine(Definition changed, ContainerSpec compiled) {
        definition = changed;
        spec = compiled;
    }

    Instant created() {
        return created;
    }

    ContainerState state() {
        return state;
    }

    /** Its connections to networks, while it runs. */
    Optional<Sandbox> sandbox() {
        return sandbox;
    }

    void sandbox(Optional<Sandbox> connected) {
        sandbox = connected;
    }

    /** What probes have found out in its last run; empty before any, and when it is not probed. */
    Optional<Health> health() {
        return health;
    }

    void health(Optional<Health> found) {
        health = found;
    }

    /** To be changed by {@link ContainerEntry} only. */
    Set<String> execs() {
        return execs;
    }

    ReentrantLock lifecycle() {
        return lifecycle;
    }

    /** Who has its root file system mounted. */
    RootLease rootLease() {
        return rootLease;
    }

    /** The last exit code, 0 before any. */
    int exitCode() {
        return exitCode(state);
    }

    private static int exitCode(ContainerState state) {
        return switch (state) {
            case ContainerState.Created created -> created.exitCode();
            case ContainerState.Running ignored -> 0;
            case ContainerState.Paused ignored -> 0;
            case ContainerState.Restarting restarting -> restarting.exitCode();
            case ContainerState.Exited exited -> exited.exitCode();
            case ContainerState.Removing removing -> exitCode(removing.before());
            case ContainerState.Dead dead -> exitCode(dead.before());
        };
    }

    /**
     * Goes from {@code expected} to {@code next}, unless the state has changed meanwhile.
     *
     * @return whether it did
     */
    boolean change(ContainerState expected, ContainerState next) {
        synchronized (monitor) {
            if (state != expected) {
                return false;
            }
            if (!expected.mayBecome(next)) {
                throw new IllegalStateException("container " + id().shortForm() + " cannot become " + next.word() + " from " + expected.word());
            }
            if (expected.isUp() && !next.isRunning()) {
                // At once, so that who waits for the next exit from now on is not told of this one.
                lastExit = nextExit;
                nextExit = new CompletableFuture<>();
                execs.clear();
                health = health.map(Health::ended);
            }
            state = next;
            return true;
        }
    }

    /** Tells everybody who waits for the end of this run; the state shows it already. */
    void announceExit(int exitCode) {
        CompletableFuture<Integer> waiting;
        synchronized (monitor) {
            waiting = lastExit;
        }
        waiting.complete(exitCode);
    }

    /** Completed with the exit code at the end of the present run, or of the next one. */
    CompletableFuture<Integer> nextExit() {
        synchronized (monitor) {
            return nextExit;
        }
    }

    /** Completed at the end of the present run, or of the next one of a container that restarts; at once when none is to come. */
    CompletableFuture<Integer> stopped() {
        synchronized (monitor) {
            if (state.isUp()) {
                return nextExit;
            }
            return lastExit.isDone() ? CompletableFuture.completedFuture(exitCode(state)) : lastExit;
        }
    }

    /** Completed with the last exit code once the container is gone, or with the reason when it could not be removed. */
    CompletableFuture<Integer> removed() {
        synchronized (monitor) {
            return removed;
        }
    }

    /** Tells everybody who waits for the removal, and those who wait for the end of a run that does not come any more. */
    void announceRemoval() {
        CompletableFuture<Integer> run;
        synchronized (monitor) {
            run = nextExit;
        }
        removed().complete(exitCode());
        run.complete(exitCode());
    }

    /** Tells everybody who waits for the removal that it has failed; who waits from now on waits for the next. */
    void removalFailed(RuntimeException failure) {
        CompletableFuture<Integer> waiting;
        synchronized (monitor) {
            waiting = removed;
            removed = new CompletableFuture<>();
        }
        waiting.completeExceptionally(failure);
    }

    /** Why this version of the engine does not start it. */
    Optional<String> refusal() {
        return refusal;
    }

    /** As clients see them; what cannot be read is not shown. */
    List<PortOptions.Port> exposedPorts() {
        return refusal.isPresent() ? List.of() : List.copyOf(PortOptions.exposed(definition.config()));
    }

    /** It was stored by a version that knew other rules: it is there, it may even run, and it is not started again. */
    void refuse(String reason) {
        refusal = Optional.of(reason);
        if (!state.isRunning()) {
            synchronized (monitor) {
                state = state.afterFailedStart(StartFailure.NOT_STARTED, reason);
            }
        }
    }

    /** Keeps a client until the container starts. False when it runs already or is on its way out: then the keeper decides. */
    boolean keepUntilStart(PendingAttachment attachment) {
        synchronized (monitor) {
            boolean mayStart = state instanceof ContainerState.Created || state instanceof ContainerState.Exited;
            if (!mayStart) {
                return false;
            }
            pending.add(attachment);
            return true;
        }
    }

    /** The clients that have waited for the start. */
    List<PendingAttachment> takePending() {
        synchronized (monitor) {
            List<PendingAttachment> taken = List.copyOf(pending);
            pending.clear();
            return taken;
        }
    }

    /** The end of that run does not remove the container, although it was made with {@code --rm}: a restart starts it again. */
    void keepAfterRun(long generation) {
        keptAfterRun = generation;
    }

    /** Whether the end of that run is the end of the container too. */
    boolean goesAfterRun(long generation) {
        return spec.ending().autoRemove() && generation != keptAfterRun;
    }

    /** The end of that run is followed by another one, whatever the policy says, unless somebody asks for the container's end. */
    void renewAfterRun(long generation) {
        renewedAfterRun = generation;
    }

    /** Whether another run follows the one of that generation, which has ended with that exit code. */
    boolean isRenewedAfterRun(long generation, int exitCode) {
        return !supervision.endedByHand() && generation == renewedAfterRun || spec.ending().restart().followsRun(exitCode, supervision);
    }

    /** The kernel has killed a process of that run for want of memory. */
    void oomKilled(long generation) {
        oomKilled = generation;
    }

    boolean wasOomKilled(long generation) {
        return generation != 0 && generation == oomKilled;
    }

    Supervision supervision() {
        return supervision;
    }

    void supervise(Supervision next) {
        supervision = next;
    }

    BackOff backOff() {
        return backOff;
    }

    void backOff(BackOff next) {
        backOff = next;
    }
}
