package io.berth.linux.mount;

import static io.berth.linux.mount.MountCalls.MS_NODEV;
import static io.berth.linux.mount.MountCalls.MS_NOEXEC;
import static io.berth.linux.mount.MountCalls.MS_NOSUID;

import java.util.ArrayList;
import java.util.List;

/** {@code /sys/fs/cgroup} on a host with cgroup v1: a tmpfs with the container's own directory of each hierarchy. */
final class CgroupDirectories {

    private static final String PATH = "/sys/fs/cgroup";
    private static final long FLAGS = MS_NOSUID | MS_NODEV | MS_NOEXEC;

    private CgroupDirectories() {
    }

    /** @param readOnly MS_RDONLY, or 0 */
    static List<PlannedMount> plan(List<TreeSpec.Hierarchy> hierarchies, long readOnly) {
        List<PlannedMount> plan = new ArrayList<>();
        plan.add(new PlannedMount.FreshAt("tmpfs", PATH, FLAGS, "mode=755"));
        for (TreeSpec.Hierarchy hierarchy : hierarchies) {
            String destination = PATH + '/' + hierarchy.name();
            plan.add(new PlannedMount.Directory(destination));
            plan.add(new PlannedMount.HostDirectory(hierarchy.directory(), destination, FLAGS | readOnly));
        }
        plan.add(new PlannedMount.Flags(PATH, FLAGS | readOnly));
        return plan;
    }
}
