package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.daemon.failpoint.Failpoint;
import io.berth.linux.cgroup.CgroupTree;
import io.berth.linux.cgroup.ContainerCgroup;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stops all processes of containers where they are, and lets them go on. The kernel's freezer does it: it outlives the daemon. A pause of
 * the engine's own is written down before it begins, so that no container is left standing by a daemon that dies in between.
 */
final class ContainerPause {

    private final Containers containers;
    private final CgroupTree cgroups;
    private final ContainerEvents events;
    /** How many want a container held that is. */
    private final Map<ContainerState.Paused, Integer> holders = new ConcurrentHashMap<>();

    ContainerPause(Containers containers, CgroupTree cgroups, ContainerEvents events) {
        this.containers = containers;
        this.cgroups = cgroups;
        this.events = events;
    }

    /** @throws ApiException conflict, when it does not run or is paused */
    void pause(Container container) {
        container.lifecycle().lock();
        try {
            switch (container.state()) {
                case ContainerState.Running running -> {
                    cgroups.existing(container.id().hex()).freeze();
                    Failpoint.PAUSE_FROZEN.reach();
                    become(container, running, new ContainerState.Paused(running, false), "pause");
                }
                case ContainerState.Paused ignored -> throw ApiException.conflict("Container " + container.id() + " is already paused");
                case ContainerState.Restarting ignored -> throw restarting(container);
                case ContainerState.Created ignored -> throw notRunning(container);
                case ContainerState.Exited ignored -> throw notRunning(container);
                case ContainerState.Removing ignored -> throw notRunning(container);
                case ContainerState.Dead ignored -> throw notRunning(container);
            }
        } finally {
            container.lifecycle().unlock();
        }
    }

    /**
     * Holds a container until everybody who wanted it has come to {@link #release}; the next daemon releases it when this one does not.
     *
     * @return empty when it does not run, or a client has paused it
     */
    Optional<ContainerState.Paused> hold(Container container) {
        container.lifecycle().lock();
        try {
            if (container.state() instanceof ContainerState.Paused paused && paused.held()) {
                holders.merge(paused, 1, Integer::sum);
                return Optional.of(paused);
            }
            if (!(container.state() instanceof ContainerState.Running running)) {
                return Optional.empty();
            }
            ContainerState.Paused held = new ContainerState.Paused(running, true);
            container.change(running, held);
            containers.changed(container);
            Failpoint.COMMIT_HOLD_RECORDED.reach();
            ContainerCgroup cgroup = cgroups.existing(container.id().hex());
            try {
                cgroup.freeze();
            } catch (RuntimeException failure) {
                undo(container, held, cgroup, failure);
                throw failure;
            }
            holders.put(held, 1);
            events.publish(container, "pause");
            return Optional.of(held);
        } finally {
            container.lifecycle().unlock();
        }
    }

    /** What stands still already goes on. */
    private void undo(Container container, ContainerState.Paused held, ContainerCgroup cgroup, RuntimeException failure) {
        try {
            cgroup.thaw();
        } catch (RuntimeException second) {
            failure.addSuppressed(second);
        }
        container.change(held, held.run());
        containers.changed(container);
    }

    /** Lets a container go on that was held, unless it goes on already or a client has paused it since. */
    void release(Container container, ContainerState.Paused held) {
        container.lifecycle().lock();
        try {
            Integer others = holders.computeIfPresent(held, (key, count) -> count == 1 ? null : Integer.valueOf(count - 1));
            if (others == null && container.state() == held) {
                thaw(container);
            }
        } finally {
            container.lifecycle().unlock();
        }
    }

    /** @throws ApiException when it is not paused; an internal error, as the reference engine has it */
    void unpause(Container container) {
        if (!thaw(container)) {
            throw new ApiException(ApiException.Kind.INTERNAL, "Container " + container.id() + " is not paused");
        }
    }

    /** Lets a paused container go on, so that a signal can reach its processes; false when it was not paused. */
    boolean thaw(Container container) {
        container.lifecycle().lock();
        try {
            if (!(container.state() instanceof ContainerState.Paused paused)) {
                return false;
            }
            cgroups.existing(container.id().hex()).thaw();
            Failpoint.UNPAUSE_THAWED.reach();
            become(container, paused, paused.run(), "unpause");
            return true;
        } finally {
            container.lifecycle().unlock();
        }
    }

    private void become(Container container, ContainerState before, ContainerState after, String action) {
        container.change(before, after);
        containers.changed(container);
        events.publish(container, action);
    }

    static ApiException restarting(Container container) {
        return ApiException.conflict("Container " + container.id() + " is restarting, wait until the container is running");
    }

    static ApiException notRunning(Container container) {
        return ApiException.conflict("container " + container.id() + " is not running");
    }
}
