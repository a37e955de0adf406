package io.berth.linux.cgroup;

import io.berth.linux.kernel.Fd;
import java.util.List;

/** How a new process gets into a container's group. Holds descriptors; close it after the launch. */
public sealed interface Join extends AutoCloseable {

    @Override
    void close();

    /**
     * Version 1: before it makes the container's first process, the launcher writes {@code "0"} (itself) to each of these
     * open {@code cgroup.procs} files; its children are born in the same groups.
     */
    record WriteProcs(List<Fd> files) implements Join {
        public WriteProcs {
            files = List.copyOf(files);
        }

        @Override
        public void close() {
            files.forEach(Fd::close);
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
