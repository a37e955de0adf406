package io.berth.linux.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.RecordingKernel;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a container's start costs in calls, and what they are. */
class CgroupV1CallsTest {

    private static final List<CgroupMounts.Hierarchy> HIERARCHIES = List.of(
            new CgroupMounts.Hierarchy(Set.of("cpu", "cpuacct"), "/cg/cpu"),
            new CgroupMounts.Hierarchy(Set.of("memory"), "/cg/memory"),
            new CgroupMounts.Hierarchy(Set.of("name=systemd"), "/cg/systemd"));

    private final RecordingKernel kernel = new RecordingKernel();

    @Test
    void anUnlimitedContainerCostsOneDirectoryInEachHierarchyAndNothingToJoin() {
        CgroupTree tree = CgroupV1.open(kernel, HIERARCHIES, "berth");
        int before = kernel.calls().size();
        Join join = tree.create("c1", Limits.NONE, DeviceRules.STANDARD).join();
        List<String> calls = kernel.calls().subList(before, kernel.calls().size());
        assertEquals(List.of(
                "mkdirat(fd 101, \"c1\", 493)", "mkdirat(fd 103, \"c1\", 493)", "mkdirat(fd 105, \"c1\", 493)"), calls);
        assertEquals(new Join.WriteTasks(List.of("/cg/cpu/berth/c1/tasks", "/cg/memory/berth/c1/tasks", "/cg/systemd/berth/c1/tasks")), join);
    }

    @Test
    void onlyLimitsThatWereAskedForAreWritten() {
        CgroupTree tree = CgroupV1.open(kernel, HIERARCHIES, "berth");
        tree.create("c1", new Limits(new Limits.Memory(8 << 20, 16 << 20, 0), Limits.Cpu.NONE, 0), DeviceRules.EVERYTHING);
        assertEquals(List.of("\"8388608\", 7)", "\"16777216\", 8)"), kernel.calls().stream()
                .filter(call -> call.startsWith("write(")).map(call -> call.substring(call.indexOf('"'))).toList());
    }

    @Test
    void aRefusedLimitIsNamedAndTheGroupsAreRemoved() {
        kernel.failing("write(", Errno.EBUSY);
        CgroupTree tree = CgroupV1.open(kernel, HIERARCHIES, "berth");
        CgroupException failure = assertThrows(CgroupException.class, () -> tree.create("c1",
                new Limits(Limits.Memory.NONE, new Limits.Cpu(512, 0, 0, 0, "", ""), 0), DeviceRules.EVERYTHING));
        assertEquals("cannot write 512 to /cg/cpu/berth/c1/cpu.shares: EBUSY (device or resource busy)", failure.getMessage());
        assertEquals(3, kernel.calls().stream().filter(call -> call.startsWith("unlinkat(")).count());
    }

    @Test
    void aLimitForAMissingControllerIsAnErrorThatNamesIt() {
        CgroupTree tree = CgroupV1.open(kernel, HIERARCHIES, "berth");
        CgroupException failure = assertThrows(CgroupException.class,
                () -> tree.create("c1", new Limits(Limits.Memory.NONE, Limits.Cpu.NONE, 5), DeviceRules.EVERYTHING));
        assertTrue(failure.getMessage().contains("no cgroup controller pids"), failure::getMessage);
    }
}
