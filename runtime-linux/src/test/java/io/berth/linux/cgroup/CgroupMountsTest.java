package io.berth.linux.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CgroupMountsTest {

    private static final String TMPFS = "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755";

    @Test
    void theUnifiedHierarchyAloneIsVersion2() {
        CgroupMounts mounts = CgroupMounts.parse(List.of(
                "35 24 0:30 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate"));
        assertFalse(mounts.hasControllersInVersion1());
        assertEquals(Optional.of("/sys/fs/cgroup"), mounts.version2());
    }

    @Test
    void controllersOfTheOldHierarchiesAreFoundAmongTheMountsOptions() {
        CgroupMounts mounts = CgroupMounts.parse(List.of(TMPFS,
                "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:11 - cgroup cgroup rw,cpu,cpuacct",
                "33 31 0:30 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory,clone_children",
                "40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd",
                "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw"));
        assertTrue(mounts.hasControllersInVersion1());
        assertEquals(List.of(new CgroupMounts.Hierarchy(Set.of("cpu", "cpuacct"), "/sys/fs/cgroup/cpu,cpuacct"),
                new CgroupMounts.Hierarchy(Set.of("memory"), "/sys/fs/cgroup/memory"),
                new CgroupMounts.Hierarchy(Set.of("name=systemd"), "/sys/fs/cgroup/systemd")), mounts.version1());
    }

    @Test
    void aHierarchyMountedTwiceCountsOnceAndANameMayHaveABlank() {
        CgroupMounts mounts = CgroupMounts.parse(List.of("1 2 0:30 / /first\\040place rw - cgroup cgroup rw,memory",
                "3 2 0:30 / /second rw - cgroup cgroup rw,memory"));
        assertEquals(List.of(new CgroupMounts.Hierarchy(Set.of("memory"), "/first place")), mounts.version1());
    }

    @Test
    void aNamedHierarchyAloneDoesNotMakeVersion1() {
        CgroupMounts mounts = CgroupMounts.parse(List.of("40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd"));
        assertFalse(mounts.hasControllersInVersion1());
    }
}
