package io.berth.linux.cgroup;

import java.util.List;

/** The control group of one container, in every hierarchy that counts. */
public interface ContainerCgroup {

    /** The path below a hierarchy's root, as /proc/PID/cgroup shows it: {@code /berth/ID}. */
    String path();

    /** The way in for the launcher's child, open until the caller closes it. */
    Join join();

    /**
     * Changes the limits of a running container; a limit that {@code limits} leaves unset stays as it is.
     *
     * @throws CgroupException when the kernel refuses one; all are as they were then
     */
    void update(Limits limits);

    /** Stops every process where it is (pause); returns when all stand still. Blocks for as long as that takes, at most 10 s. */
    void freeze();

    /** Lets them go on. */
    void thaw();

    boolean isFrozen();

    /** The processes in the group and in groups below it, by their numbers in our pid namespace. */
    List<Integer> processes();

    /** Sends SIGKILL to every process in the group and below it, also to frozen ones and to those being forked meanwhile. */
    void killAll();

    Usage usage();

    /** Some ten files are read. @throws CgroupException also when the group is gone */
    CgroupStatistics statistics();

    /**
     * A reading of the counters; -1 for one whose controller this machine lacks.
     *
     * @param memoryBytes    memory in use, page cache included
     * @param oomKills       processes the kernel killed in this group for want of memory
     * @param cpuNanoseconds processor time used so far
     * @param pids           processes and threads
     */
    record Usage(long memoryBytes, long oomKills, long cpuNanoseconds, long pids) {
    }
}
