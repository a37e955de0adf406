package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.linux.cgroup.CgroupTree;

/** Stops all processes of containers where they are, and lets them go on. The kernel's freezer does it: it outlives the daemon. */
final class ContainerPause {

    private final Containers containers;
    private final CgroupTree cgroups;
    private final ContainerEvents events;

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
                    become(container, running, new ContainerState.Paused(running), "pause");
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
