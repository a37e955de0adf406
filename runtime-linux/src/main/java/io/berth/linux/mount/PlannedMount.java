package io.berth.linux.mount;

import io.berth.linux.kernel.Fd;

/** A mount of the container's tree, in the order in which it is made: parents before what lies on them. */
public sealed interface PlannedMount {

    /** Where it is seen in the container; for messages. */
    String destination();

    /** Made detached by the daemon; {@code target} was resolved inside the container's root, where no link leads out. */
    record Prepared(Fd mount, Fd target, String destination) implements PlannedMount {
    }

    /** Made detached by the daemon, for a place in a file system that the kernel fills, such as sysfs. */
    record PreparedAt(Fd mount, String destination) implements PlannedMount {
    }

    /**
     * A directory of the host, without what is mounted below it, for a place in a file system that the kernel fills or that is
     * ours alone; for file systems that the engine knows to answer at once.
     *
     * @param flags MS_… of the mount
     */
    record HostDirectory(String source, String destination, long flags) implements PlannedMount {
    }

    /** A directory made in a file system of the container's that is ours alone, for a mount to come. */
    record Directory(String destination) implements PlannedMount {
    }

    /** From now on what is mounted there has these flags (MS_…) and no others. */
    record Flags(String destination, long flags) implements PlannedMount {
    }

    /** A file system that belongs to the container's own namespaces and can only be mounted from inside (proc, sysfs, mqueue). */
    record Fresh(String type, Fd target, String destination, long flags) implements PlannedMount {
    }

    /** The same at a place in a file system that the kernel fills; {@code options} may be empty. */
    record FreshAt(String type, String destination, long flags, String options) implements PlannedMount {
    }
}
