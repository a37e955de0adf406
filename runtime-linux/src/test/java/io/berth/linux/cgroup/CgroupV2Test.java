package io.berth.linux.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Where the controllers are on version 1, the unified hierarchy has none, but freezing, killing, devices and removal are
 * tested all the same; {@code src/test/vm/run-v2} runs this class on a machine that has all on version 2.
 */
class CgroupV2Test extends CgroupContract {

    private String mountPoint;

    @Override
    CgroupTree openTree() {
        try {
            CgroupMounts mounts = CgroupMounts.parse(Files.readAllLines(Path.of("/proc/self/mountinfo")));
            assumeTrue(mounts.version2().isPresent(), "this machine has no unified hierarchy mounted");
            mountPoint = mounts.version2().orElseThrow();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        return CgroupV2.open(kernel, mountPoint, parent);
    }

    @Override
    List<Path> parents() {
        return List.of(Path.of(mountPoint, parent));
    }

    @Override
    Path directory(ContainerCgroup group) {
        return Path.of(mountPoint + group.path());
    }

    @Test
    void aMachineWithAllControllersOnTheUnifiedHierarchyIsVersion2() {
        assumeTrue(tree.support().memory(), "the controllers of this machine are on version 1");
        try (CgroupTree found = CgroupTree.open(kernel, parent + "-found")) {
            assertEquals(2, found.version());
            assertEquals(List.of(), found.support().warnings());
        }
    }

    @Test
    void limitsAreReadBackFromTheKernel() throws IOException {
        assumeTrue(tree.support().memory() && tree.support().cpuQuota(), "the controllers of this machine are on version 1");
        ContainerCgroup group = create(new Limits(new Limits.Memory(64 << 20, 96 << 20, 32 << 20),
                new Limits.Cpu(1024, 0, 0, 1_500_000_000L, "0", "0"), 50), DeviceRules.STANDARD);
        Path directory = directory(group);
        assertEquals("67108864", content(directory, "memory.max"));
        assertEquals("33554432", content(directory, "memory.swap.max"));
        assertEquals("33554432", content(directory, "memory.low"));
        assertEquals("39", content(directory, "cpu.weight"));
        assertEquals("150000 100000", content(directory, "cpu.max"));
        assertEquals("0", content(directory, "cpuset.cpus"));
        assertEquals("50", content(directory, "pids.max"));

        group.update(new Limits(new Limits.Memory(0, 128 << 20, 0), new Limits.Cpu(0, 50_000, 0, 0, "", ""), -1));
        assertEquals("67108864", content(directory, "memory.max"));
        assertEquals("67108864", content(directory, "memory.swap.max"));
        assertEquals("150000 50000", content(directory, "cpu.max"));
        assertEquals("max", content(directory, "pids.max"));
        group.update(new Limits(new Limits.Memory(0, -1, 0), new Limits.Cpu(0, 0, -1, 0, "", ""), 0));
        assertEquals("max", content(directory, "memory.swap.max"));
        assertEquals("max 100000", content(directory, "cpu.max"));
    }

    @Test
    void inAContainersRootTheProcessesMakeRoomForTheControllers() throws Exception {
        assumeTrue(tree.support().memory(), "the controllers of this machine are on version 1");
        Path crowded = Path.of(mountPoint, parent, "crowded");
        Files.createDirectory(crowded);
        Process inhabitant = new ProcessBuilder("sleep", "100").start();
        try {
            Files.writeString(crowded.resolve("cgroup.procs"), Long.toString(inhabitant.pid()));
            try (CgroupTree inner = CgroupV2.open(kernel, crowded.toString(), "berth")) {
                assertEquals(true, inner.support().memory());
                assertEquals(Long.toString(inhabitant.pid()), content(crowded.resolve("init"), "cgroup.procs"));
            }
        } finally {
            inhabitant.destroyForcibly().waitFor();
        }
    }

    @Test
    void sharesBecomeWeights() {
        assertEquals(1, ContainerCgroupV2.weight(2));
        assertEquals(39, ContainerCgroupV2.weight(1024));
        assertEquals(10_000, ContainerCgroupV2.weight(262_144));
    }
}
