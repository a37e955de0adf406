package io.berth.daemon.container;

import io.berth.daemon.network.Networks;
import io.berth.linux.cgroup.CgroupException;
import io.berth.linux.cgroup.CgroupTree;
import io.berth.linux.keeper.KeeperClient;
import io.berth.linux.keeper.KeptProcess;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what the journal says and what is there together, when the daemon starts: containers that still run are taken over,
 * exits that came meanwhile are dealt with, what nobody owns is removed.
 */
final class Reconciler {

    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);
    /** The exit code of a container whose end nobody saw, as in the reference engine. */
    private static final int UNKNOWN_EXIT = 255;

    private static final long LOOK_AGAIN_NANOS = 50_000_000;

    private final Containers containers;
    private final KeeperClient keeper;
    private final CgroupTree cgroups;
    private final Networks networks;
    private final RootFilesystem filesystems;
    private final ContainerExits exits;
    private final ContainerRemoval removal;
    private final Restarts restarts;
    private final ContainerPause pause;
    private final ContainerChanges changes;
    private final OomReports ooms;
    private final ContainerNetworks members;
    private final NamespaceDoor namespaces;
    private final Clock clock;

    Reconciler(Containers containers, KeeperClient keeper, CgroupTree cgroups, Networks networks, RootFilesystem filesystems,
            ContainerExits exits, ContainerRemoval removal, Restarts restarts, ContainerPause pause, ContainerChanges changes,
            OomReports ooms, ContainerNetworks members, NamespaceDoor namespaces, Clock clock) {
        this.containers = containers;
        this.keeper = keeper;
        this.cgroups = cgroups;
        this.networks = networks;
        this.filesystems = filesystems;
        this.exits = exits;
        this.removal = removal;
        this.restarts = restarts;
        this.pause = pause;
        this.changes = changes;
        this.ooms = ooms;
        this.members = members;
        this.namespaces = namespaces;
        this.clock = clock;
    }

    void run(ExecEnds execs) {
        Map<String, KeptProcess> kept = new HashMap<>();
        keeper.list().forEach(process -> kept.put(process.key(), process));
        Set<String> withCgroup = new HashSet<>(cgroups.ids());
        for (Container container : containers.list()) {
            takeOver(container, kept.get(container.id().hex()));
            boolean alive = kept.containsKey(container.id().hex()) && withCgroup.contains(container.id().hex()) && container.state().isRunning();
            changes.finish(container, alive);
            if (alive) {
                takeOverFreezer(container);
                container.state().currentRun().ifPresent(run -> ooms.begin(container));
            }
        }
        networks.reconcile(containers.liveSandboxes(), id -> containers.find(id).flatMap(namespaces::open)).forEach(LOG::warn);
        containers.list().stream().filter(container -> container.state().currentRun().isPresent()).forEach(this::finishDisconnections);
        // Before the first news of an exit: that is dealt with on threads of its own, which take the same things away.
        removeOrphans();
        keeper.subscribe(0, new KeeperNews(exits, execs));
        endLostRuns(kept);
        removeEnded();
        followLaunches(kept.values().stream().filter(process -> process.state() == KeptProcess.State.STARTING).map(KeptProcess::key).toList());
        restarts.resume();
    }

    private void finishDisconnections(Container container) {
        try {
            members.finish(container);
        } catch (RuntimeException failure) {
            LOG.warn("container {} stays in a network that it is not to be in", container.id().shortForm(), failure);
        }
    }

    /** A start that the daemon did not live to write down is written down now, also of a run that is over: its exit is still to come. */
    private void takeOver(Container container, KeptProcess process) {
        ContainerState state = container.state();
        boolean unknownRun = process != null && process.generation() > state.generation();
        if (unknownRun && !state.isRunning()) {
            container.change(state, new ContainerState.Running(process.generation(), process.pid(), clock.instant()));
            containers.changed(container);
        } else if (!state.isRunning() && container.sandbox().isPresent()) {
            container.sandbox(Optional.empty()); // of a start that came no further than this
            containers.changed(container);
        }
    }

    /**
     * Launches that were under way when the daemon before this one died. Their containers count as running, without a process that
     * is known: it becomes known, or the keeper tells of its end as of any other, or the launch is given up.
     */
    private void followLaunches(List<String> keys) {
        Set<String> starting = new HashSet<>(keys);
        if (!starting.isEmpty()) {
            Thread.ofPlatform().daemon().name("launches").start(() -> {
                long deadline = System.nanoTime() + ContainerStart.LAUNCH_DEADLINE.toNanos();
                while (!starting.isEmpty() && System.nanoTime() < deadline) {
                    look(starting);
                    LockSupport.parkNanos(LOOK_AGAIN_NANOS);
                }
                starting.forEach(this::killAll);
            });
        }
    }

    private void look(Set<String> starting) {
        Map<String, KeptProcess> kept = new HashMap<>();
        keeper.list().forEach(process -> kept.put(process.key(), process));
        starting.removeIf(key -> {
            KeptProcess process = kept.get(key);
            if (process != null && process.state() == KeptProcess.State.RUNNING) {
                containers.find(key).ifPresent(container -> started(container, process));
            }
            return process == null || process.state() != KeptProcess.State.STARTING;
        });
    }

    private void started(Container container, KeptProcess process) {
        container.lifecycle().lock();
        try {
            if (container.state() instanceof ContainerState.Running run && run.generation() == process.generation() && run.pid() == 0) {
                container.change(run, new ContainerState.Running(run.generation(), process.pid(), run.startedAt()));
                containers.changed(container);
            }
        } finally {
            container.lifecycle().unlock();
        }
    }

    /**
     * A pause or its end that the daemon did not live to write down: what the kernel says is what the next client finds. What the daemon
     * held itself goes on.
     */
    private void takeOverFreezer(Container container) {
        ContainerState state = container.state();
        if (state instanceof ContainerState.Paused paused && paused.held()) {
            pause.release(container, paused);
            return;
        }
        state.currentRun().ifPresent(run -> {
            boolean frozen = cgroups.existing(container.id().hex()).isFrozen();
            if (frozen != state instanceof ContainerState.Paused) {
                container.change(state, frozen ? new ContainerState.Paused(run, false) : run);
                containers.changed(container);
            }
        });
    }

    /** Containers that ran, and that the keeper knows nothing of: it was killed, or the machine was started anew. */
    private void endLostRuns(Map<String, KeptProcess> kept) {
        Set<String> withCgroup = new HashSet<>(cgroups.ids());
        for (Container container : containers.list().reversed()) { // those that others are linked to first: they start again first
            String id = container.id().hex();
            container.state().currentRun().filter(run -> !kept.containsKey(id)).ifPresent(run -> {
                if (withCgroup.contains(id)) {
                    killAll(id);
                }
                exits.ended(container, run.generation(), UNKNOWN_EXIT, clock.instant());
            });
        }
    }

    private void removeOrphans() {
        for (String id : cgroups.ids()) {
            if (!running(id)) {
                killAll(id);
                cgroups.remove(id);
            }
        }
        filesystems.removeAllBut(containers.list().stream().map(Container::id).toList());
    }

    /** Those of {@code --rm} whose end was written down, and their removal not. */
    private void removeEnded() {
        containers.list().stream().filter(container -> container.spec().ending().autoRemove() && container.state() instanceof ContainerState.Exited)
                .forEach(removal::removeAfterExit);
    }

    /** A daemon that was killed while it made or removed a group leaves it in some hierarchies only; no process is in it then. */
    private void killAll(String id) {
        try {
            cgroups.existing(id).killAll();
        } catch (CgroupException incomplete) {
            LOG.info("the cgroup {} is not whole: {}", id, incomplete.getMessage());
        }
    }

    private boolean running(String id) {
        return containers.find(id).map(container -> container.state().isRunning()).orElse(false);
    }
}
