package io.berth.daemon.container;

import io.berth.linux.cgroup.CgroupTree;
import io.berth.linux.cgroup.OomWatch;

/** Tells of processes that the kernel kills for want of memory, when it happens and not only when the container ends. */
final class OomReports implements AutoCloseable {

    private final Containers containers;
    private final ContainerEvents events;
    private final OomWatch watch;

    OomReports(Containers containers, CgroupTree cgroups, ContainerEvents events) {
        this.containers = containers;
        this.events = events;
        this.watch = cgroups.watchOom(this::killed);
    }

    private void killed(String id) {
        containers.find(id).ifPresent(container -> container.state().currentRun().ifPresent(run -> {
            container.oomKilled(run.generation());
            events.publish(container, "oom");
        }));
    }

    /** A run has begun. */
    void begin(Container container) {
        watch.add(container.id().hex());
    }

    /**
     * A run has ended; to be called before its cgroup is removed.
     *
     * @param kills what the kernel has counted
     * @return whether a process of it was killed
     */
    boolean end(Container container, long generation, long kills) {
        watch.remove(container.id().hex());
        boolean told = container.wasOomKilled(generation);
        if (kills > 0 && !told) {
            events.publish(container, "oom"); // it ended before the kernel's word came through
        }
        return told || kills > 0;
    }

    @Override
    public void close() {
        watch.close();
    }
}
