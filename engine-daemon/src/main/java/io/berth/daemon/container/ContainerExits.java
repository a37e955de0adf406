package io.berth.daemon.container;

import io.berth.daemon.failpoint.Failpoint;
import io.berth.daemon.network.Networks;
import io.berth.linux.cgroup.CgroupTree;
import io.berth.linux.keeper.Exit;
import io.berth.linux.keeper.KeeperClient;
import io.berth.linux.keeper.KeeperEvents;
import io.berth.linux.keeper.KeeperException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows when the keeper says that a container's process has ended: its network goes, its state changes, everybody who
 * waits is told, and {@code --rm} removes it. News may come twice, after a restart of the daemon; the generation tells.
 */
final class ContainerExits implements KeeperEvents {

    private static final Logger LOG = LoggerFactory.getLogger(ContainerExits.class);

    private final Containers containers;
    private final Networks networks;
    private final CgroupTree cgroups;
    private final ContainerMounts mounts;
    private final ContainerEvents events;
    private final ContainerRemoval removal;
    private final Restarts restarts;
    private final OomReports ooms;
    private final FollowedLogs logs;
    private final KeeperClient keeper;
    private final Executor threads;

    ContainerExits(Containers containers, Networks networks, CgroupTree cgroups, ContainerMounts mounts, ContainerEvents events, ContainerRemoval removal,
            Restarts restarts, OomReports ooms, FollowedLogs logs, KeeperClient keeper, Executor threads) {
        this.containers = containers;
        this.networks = networks;
        this.cgroups = cgroups;
        this.mounts = mounts;
        this.events = events;
        this.removal = removal;
        this.restarts = restarts;
        this.ooms = ooms;
        this.logs = logs;
        this.keeper = keeper;
        this.threads = threads;
    }

    @Override
    public void exited(Exit exit) {
        threads.execute(() -> handle(exit));
    }

    @Override
    public void detached(String key, long generation, long tag) {
        containers.find(key).ifPresent(container -> events.publish(container, "detach"));
    }

    @Override
    public void logLost(String key, long generation, long chunks, long bytes, String why) {
        String name = containers.find(key).map(container -> "container " + container.name()).orElse(key);
        if (chunks == 0) {
            LOG.warn("the log of {} cannot be written, what it says meanwhile is lost: {}", name, why);
        } else {
            LOG.warn("{} bytes of output of {} ({} reads) are missing in its log{}", bytes, name, chunks, why.isEmpty() ? "; it is written again" : ": " + why);
        }
    }

    @Override
    public void lost(String reason) {
        LOG.error("the keeper is gone ({}): running containers have lost their logs' writer and their exit codes; restart the daemon", reason);
    }

    private void handle(Exit exit) {
        Optional<Container> known = containers.find(exit.key());
        boolean written = known.map(container -> ended(container, exit.generation(), exit.code(), instant(exit))).orElse(true);
        if (written) {
            release(exit);
        }
        Failpoint.STOP_RELEASED.reach();
        known.filter(container -> container.goesAfterRun(exit.generation())).ifPresent(removal::removeAfterExit);
    }

    private void release(Exit exit) {
        try {
            keeper.release(exit.key(), exit.generation());
        } catch (KeeperException kept) {
            LOG.warn("the keeper still remembers the exit of {}", exit.key(), kept);
        }
    }

    private static Instant instant(Exit exit) {
        return Instant.ofEpochSecond(0, exit.timeNanos());
    }

    /**
     * The run of that generation is over; harmless when that is known already.
     *
     * @return whether it is written down; if not, the keeper has to remember it for the next daemon
     */
    boolean ended(Container container, long generation, int exitCode, Instant finishedAt) {
        container.lifecycle().lock();
        try {
            Optional<ContainerState.Running> known = container.state().currentRun().filter(run -> run.generation() == generation);
            if (known.isEmpty()) {
                return true;
            }
            ContainerState.Running run = known.get();
            boolean oomKilled = ooms.end(container, generation, oomKills(container));
            attempt(container, () -> container.sandbox().ifPresent(networks::disconnect));
            Failpoint.STOP_DISCONNECTED.reach();
            events.networks(container, "disconnect");
            container.sandbox(Optional.empty());
            ContainerState after = after(container, run, exitCode, oomKilled, finishedAt);
            container.change(container.state(), after);
            boolean written = attempt(container, () -> write(container));
            Failpoint.STOP_RECORDED.reach();
            attempt(container, () -> cgroups.remove(container.id().hex()));
            Failpoint.STOP_CGROUP_REMOVED.reach();
            attempt(container, () -> mounts.unmount(container, container.id().hex()));
            events.volumes(container, "unmount");
            events.publish(container, "die", dieAttributes(exitCode, run.startedAt(), finishedAt));
            logs.ended(container.id());
            if (after instanceof ContainerState.Restarting restarting) {
                restarts.await(container, restarting);
            }
            container.announceExit(exitCode);
            return written;
        } finally {
            container.lifecycle().unlock();
        }
    }

    private static ContainerState after(Container container, ContainerState.Running run, int exitCode, boolean oomKilled, Instant finishedAt) {
        if (container.isRenewedAfterRun(run.generation(), exitCode)) {
            container.supervise(container.supervision().restarted());
            return new ContainerState.Restarting(run.generation(), exitCode, oomKilled, run.startedAt(), finishedAt);
        }
        return new ContainerState.Exited(run.generation(), exitCode, oomKilled, run.startedAt(), finishedAt, "");
    }

    /** That somebody ended what a policy would start again is asked when the machine is started again. */
    private void write(Container container) {
        if (container.supervision().endedByHand()) {
            containers.changedDurably(container);
        } else {
            containers.changed(container);
        }
    }

    private long oomKills(Container container) {
        try {
            return cgroups.existing(container.id().hex()).usage().oomKills();
        } catch (RuntimeException unreadable) { // the group of a lost run has gone with it
            LOG.debug("cannot tell whether container {} was killed for want of memory", container.id().shortForm(), unreadable);
            return 0;
        }
    }

    /** What cannot be cleaned up or written down keeps nobody from learning that the container has ended. */
    private static boolean attempt(Container container, Runnable step) {
        try {
            step.run();
            return true;
        } catch (RuntimeException failure) {
            LOG.error("container {} has ended and leaves something behind", container.id().shortForm(), failure);
            return false;
        }
    }

    private static Map<String, String> dieAttributes(int exitCode, Instant started, Instant finished) {
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put("execDuration", Long.toString(Math.max(0, Duration.between(started, finished).toSeconds())));
        attributes.put("exitCode", Integer.toString(exitCode));
        return attributes;
    }
}
