package io.berth.linux.cgroup;

import io.berth.linux.kernel.Fd;
import java.util.List;

/** How a new process gets into a container's group. May hold a descriptor; close it after the launch. */
public sealed interface Join extends AutoCloseable {

    @Override
    void close();

    /**
     * Version 1: the first thing that the container's process does is to write {@code "0"} (itself) to each of these {@code tasks}
     * files of the host, which the launcher has opened. A thread that moves itself, and no other way, spares the kernel a lock over
     * all processes and the RCU grace period that taking it can cost, several milliseconds (cgroup_procs_write_start of
     * kernel/cgroup/cgroup.c, 5.12); the process has only one thread. And a move is not counted against the group's limit of
     * processes (Documentation/admin-guide/cgroup-v1/pids.rst), where a fork would be.
     */
    record WriteTasks(List<String> files) implements Join {
        public WriteTasks {
            files = List.copyOf(files);
        }

        @Override
        public void close() {
            // only names
        }
    }

    /**
     * Version 2: clone3(2) with CLONE_INTO_CGROUP (0x200000000) and this directory's number in {@code clone_args.cgroup}, at
     * offset 80 of the structure, whose size then is 88. The child is born in the group, with no move and no lock.
     */
    record CloneInto(Fd directory) implements Join {
        @Override
        public void close() {
            directory.close();
        }
    }
}
