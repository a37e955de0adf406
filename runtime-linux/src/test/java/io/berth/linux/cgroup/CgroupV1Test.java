package io.berth.linux.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CgroupV1Test extends CgroupContract {

    private CgroupMounts mounts;

    @Override
    CgroupTree openTree() {
        try {
            mounts = CgroupMounts.parse(Files.readAllLines(Path.of("/proc/self/mountinfo")));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        assumeTrue(mounts.hasControllersInVersion1(), "this machine has no controllers on version 1");
        return CgroupV1.open(kernel, mounts.version1(), parent);
    }

    @Override
    List<Path> parents() {
        return mounts.version1().stream().map(hierarchy -> Path.of(hierarchy.mountPoint(), parent)).toList();
    }

    @Override
    Path directory(ContainerCgroup group) {
        return in("freezer", group);
    }

    private Path in(String controller, ContainerCgroup group) {
        return mounts.version1().stream().filter(hierarchy -> hierarchy.has(controller))
                .map(hierarchy -> Path.of(hierarchy.mountPoint() + group.path())).findFirst().orElseThrow();
    }

    @Test
    void theTreeOfThisMachineIsVersion1() {
        try (CgroupTree found = CgroupTree.open(kernel, parent + "-found")) {
            assertEquals(1, found.version());
            assertTrue(found.support().memory());
        }
    }

    @Test
    void limitsAreReadBackFromTheKernel() throws IOException {
        ContainerCgroup group = create(new Limits(new Limits.Memory(64 << 20, 96 << 20, 32 << 20),
                new Limits.Cpu(512, 0, 0, 1_500_000_000L, "0", "0"), 50), DeviceRules.STANDARD);
        Path memory = in("memory", group);
        assertEquals("67108864", content(memory, "memory.limit_in_bytes"));
        assertEquals("100663296", content(memory, "memory.memsw.limit_in_bytes"));
        assertEquals("33554432", content(memory, "memory.soft_limit_in_bytes"));
        assertEquals("512", content(in("cpu", group), "cpu.shares"));
        assertEquals("100000", content(in("cpu", group), "cpu.cfs_period_us"));
        assertEquals("150000", content(in("cpu", group), "cpu.cfs_quota_us"));
        assertEquals("0", content(in("cpuset", group), "cpuset.cpus"));
        assertEquals("50", content(in("pids", group), "pids.max"));

        group.update(new Limits(new Limits.Memory(128 << 20, 256 << 20, 0), new Limits.Cpu(0, 50_000, -1, 0, "", ""), -1));
        assertEquals("134217728", content(memory, "memory.limit_in_bytes"));
        assertEquals("268435456", content(memory, "memory.memsw.limit_in_bytes"));
        assertEquals("33554432", content(memory, "memory.soft_limit_in_bytes"));
        assertEquals("512", content(in("cpu", group), "cpu.shares"));
        assertEquals("50000", content(in("cpu", group), "cpu.cfs_period_us"));
        assertEquals("-1", content(in("cpu", group), "cpu.cfs_quota_us"));
        assertEquals("max", content(in("pids", group), "pids.max"));
    }

    @Test
    void theDeviceListIsTheReferences() throws IOException {
        ContainerCgroup group = create(Limits.NONE, DeviceRules.STANDARD);
        assertEquals(List.of("b *:* m", "c *:* m", "c 136:* rwm", "c 1:3 rwm", "c 1:5 rwm", "c 1:7 rwm", "c 1:8 rwm",
                "c 1:9 rwm", "c 5:0 rwm", "c 5:1 rwm", "c 5:2 rwm"),
                content(in("devices", group), "devices.list").lines().sorted().toList());
    }

    @Test
    void aProcessIsInAGroupOfEveryHierarchy() throws Exception {
        ContainerCgroup group = create(Limits.NONE, DeviceRules.STANDARD);
        Process process = run(group, "exec sleep 100");
        long groups = Files.readAllLines(Path.of("/proc/" + process.pid() + "/cgroup")).stream()
                .filter(line -> line.endsWith(':' + group.path())).count();
        assertEquals(mounts.version1().size(), groups);
        process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
    }
}
