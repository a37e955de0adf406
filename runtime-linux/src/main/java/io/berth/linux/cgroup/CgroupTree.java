package io.berth.linux.cgroup;

import io.berth.linux.kernel.Kernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The control groups of one engine instance: a parent named for the instance below the root of each hierarchy, and in it
 * one group for each running container, named by the container's id.
 *
 * <p>The life of a group: {@link #create} before the launch; the launcher's child enters it by {@link ContainerCgroup#join};
 * {@link #remove} when its processes are gone. {@link #existing} finds it again after a restart of the daemon, which the
 * groups survive. Everything a container's processes do to their own group (they may make groups below it) is undone by
 * {@code remove}.
 *
 * <p>Methods are safe for any thread. They make short calls on cgroupfs, which do not block except where said.
 */
public interface CgroupTree extends AutoCloseable {

    /**
     * The tree of this machine.
     *
     * @param parent the name of the instance's group, such as {@code berth}; made if it is missing
     * @throws CgroupException when no cgroup file system is mounted or the parent cannot be made
     */
    static CgroupTree open(Kernel kernel, String parent) {
        CgroupMounts mounts;
        try {
            mounts = CgroupMounts.parse(Files.readAllLines(Path.of("/proc/self/mountinfo")));
        } catch (IOException unreadable) {
            throw new UncheckedIOException("cannot read where the cgroup file systems are mounted", unreadable);
        }
        if (mounts.hasControllersInVersion1()) {
            return CgroupV1.open(kernel, mounts.version1(), parent);
        }
        return CgroupV2.open(kernel, mounts.version2().orElseThrow(() -> new CgroupException(
                "no cgroup file system is mounted: mount cgroup2 on /sys/fs/cgroup, as systemd does")), parent);
    }

    /** 1 or 2, as {@code docker info} reports it. */
    int version();

    /** Which limits this machine can hold, and on what CPUs and memory nodes. */
    CgroupSupport support();

    /**
     * Makes a container's group and sets its limits; no process is in it yet. If a group of that id is still being removed,
     * waits for that first.
     *
     * @throws CgroupException with nothing left behind
     */
    ContainerCgroup create(String id, Limits limits, DeviceRules devices);

    /** The group of that id, which must exist; nothing is checked or opened yet. */
    ContainerCgroup existing(String id);

    /** The ids that have a group now, for reconciling after a crash. */
    List<String> ids();

    /**
     * Removes the group and all below it, on a thread of the tree's own; a group whose last process is still dying is
     * tried again for some seconds. Never kills. Removing what is not there succeeds.
     *
     * @return done when nothing is left; fails with a {@link CgroupException} when processes remain
     */
    CompletableFuture<Void> remove(String id);

    /**
     * Begins to watch for kills for want of memory; nothing is watched until it is added. The caller closes it.
     *
     * @param listener told the id of the container, on the watch's thread
     */
    OomWatch watchOom(Consumer<String> listener);

    /** Waits for pending removals, closes the descriptors and removes the instance's parent if no container lives in it. */
    @Override
    void close();
}
