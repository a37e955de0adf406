package io.berth.linux.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What both versions promise, on the real kernel, with processes of the test's own. Needs root. */
abstract class CgroupContract {

    private static final String ID = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    final Kernel kernel = new JnrKernel();
    final String parent = "berth-test-" + ProcessHandle.current().pid();
    private final FileCalls files = new FileCalls(kernel);
    private final List<Process> started = new ArrayList<>();
    CgroupTree tree;

    abstract CgroupTree openTree();

    /** Every directory in which the instance's parent appears. */
    abstract List<Path> parents();

    /** A directory of the container's own group, in which a test may make groups below. */
    abstract Path directory(ContainerCgroup group);

    @BeforeEach
    void open() {
        assumeTrue("root".equals(System.getProperty("user.name")), "control groups are made by root alone");
        tree = openTree();
    }

    @AfterEach
    void nothingIsLeft() throws InterruptedException {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
        if (tree != null) {
            tree.ids().forEach(id -> {
                tree.existing(id).killAll();
                tree.remove(id).join();
            });
            tree.close();
            parents().forEach(directory -> assertFalse(Files.exists(directory), () -> directory + " was left"));
        }
    }

    final ContainerCgroup create(Limits limits, DeviceRules devices) {
        return tree.create(ID, limits, devices);
    }

    /** Runs a shell script in the group: it starts when it is in. */
    final Process run(ContainerCgroup group, String script) throws IOException {
        Process process = new ProcessBuilder("/bin/sh", "-c", "read go\n" + script).redirectErrorStream(true).start();
        started.add(process);
        enter(group, process.pid());
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        return process;
    }

    private void enter(ContainerCgroup group, long pid) {
        try (Join join = group.join()) {
            switch (join) {
                case Join.WriteTasks procs -> procs.files().forEach(file -> files.write(file, Long.toString(pid)));
                case Join.CloneInto into -> files.write(into.directory().path() + "/cgroup.procs", Long.toString(pid));
            }
        }
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "waited in vain until " + what);
            Thread.onSpinWait();
        }
    }

    @Test
    void aProcessThatJoinsIsInTheGroup() throws Exception {
        ContainerCgroup group = create(Limits.NONE, DeviceRules.STANDARD);
        Process process = run(group, "sleep 100 & wait");
        assertEquals('/' + parent + '/' + ID, group.path());
        assertTrue(Files.readString(Path.of("/proc/" + process.pid() + "/cgroup")).contains(group.path()));
        await("the shell and its child are listed", () -> group.processes().size() == 2);
        assertTrue(group.processes().contains((int) process.pid()));
        assertEquals(List.of(ID), tree.ids());
    }

    @Test
    void anUpdateThatTheKernelRefusesLeavesNothingOfItself() throws Exception {
        assumeTrue(tree.support().memory() && tree.support().cpuset() && tree.support().pids(), "no controllers in this hierarchy");
        ContainerCgroup group = create(new Limits(new Limits.Memory(32 << 20, 0, 0), new Limits.Cpu(512, 0, 0, 0, "", ""), 50), DeviceRules.STANDARD);
        run(group, "sleep 100");
        List<String> before = values(group);
        CgroupException refused = assertThrows(CgroupException.class, () -> group.update(new Limits(new Limits.Memory(64 << 20, 0, 16 << 20),
                new Limits.Cpu(256, 50_000, 25_000, 0, "4095", ""), 60)));
        assertTrue(refused.getMessage().contains("cpuset.cpus"), refused::getMessage);
        assertEquals(before, values(group));
        group.update(new Limits(new Limits.Memory(64 << 20, 0, 0), Limits.Cpu.NONE, 60));
        assertNotEquals(before, values(group));
    }

    private List<String> values(ContainerCgroup group) throws IOException {
        List<String> values = new ArrayList<>();
        for (Path parent : parents()) {
            for (String file : List.of("memory.limit_in_bytes", "memory.soft_limit_in_bytes", "cpu.shares", "cpu.cfs_quota_us", "cpu.cfs_period_us",
                    "cpuset.cpus", "pids.max", "memory.max", "memory.low", "cpu.weight", "cpu.max")) {
                Path path = parent.resolve(ID).resolve(file);
                if (Files.exists(path)) {
                    values.add(file + " " + Files.readString(path).strip());
                }
            }
        }
        return values;
    }

    @Test
    void aFrozenGroupStandsStillUntilItIsThawed() throws Exception {
        ContainerCgroup group = create(Limits.NONE, DeviceRules.STANDARD);
        Process process = run(group, "while :; do echo tick; done");
        assertEquals("tick", process.inputReader().readLine());
        group.freeze();
        assertTrue(group.isFrozen());
        long used = group.usage().cpuNanoseconds();
        assertEquals(used, group.usage().cpuNanoseconds());
        group.thaw();
        assertFalse(group.isFrozen());
        for (int line = 0; line < 100_000; line++) {
            assertEquals("tick", process.inputReader().readLine());
        }
        assertNotEquals(used, group.usage().cpuNanoseconds());
    }

    @Test
    void killAllReachesChildrenGroupsBelowAndTheFrozen() throws Exception {
        ContainerCgroup group = create(Limits.NONE, DeviceRules.STANDARD);
        Process below = run(group, "while :; do sleep 100; done");
        Process beside = run(group, "sleep 100 & sleep 100 & wait");
        Path nested = Files.createDirectories(directory(group).resolve("made/by itself"));
        Files.writeString(nested.resolve("cgroup.procs"), Long.toString(below.pid()));
        await("all five are listed", () -> group.processes().size() == 5);
        group.freeze();
        group.killAll();
        assertEquals(128 + 9, below.waitFor());
        assertEquals(128 + 9, beside.waitFor());
        tree.remove(ID).get(10, TimeUnit.SECONDS);
        assertFalse(Files.exists(directory(group)));
        assertEquals(List.of(), tree.ids());
    }

    @Test
    void removalWaitsForTheLastProcess() throws Exception {
        ContainerCgroup group = create(Limits.NONE, DeviceRules.STANDARD);
        Process process = run(group, "exec sleep 100");
        var removal = tree.remove(ID);
        process.destroyForcibly();
        removal.get(10, TimeUnit.SECONDS);
        tree.remove(ID).get(10, TimeUnit.SECONDS);
    }

    @Test
    void aGroupCanBeMadeAgainAsSoonAsItsRemovalWasAskedFor() throws Exception {
        for (int round = 0; round < 20; round++) {
            ContainerCgroup group = create(Limits.NONE, DeviceRules.EVERYTHING);
            run(group, "exec sleep 100");
            group.killAll();
            tree.remove(ID);
        }
        assertEquals(List.of(), create(Limits.NONE, DeviceRules.EVERYTHING).processes());
    }

    @Test
    void whatACrashLeftIsFoundAndReplaced() throws Exception {
        Path left = directory(create(Limits.NONE, DeviceRules.STANDARD));
        try (CgroupTree later = openTree()) {
            assertEquals(List.of(ID), later.ids());
            Files.createDirectory(left.resolve("below"));
            later.create(ID, Limits.NONE, DeviceRules.STANDARD);
            assertFalse(Files.exists(left.resolve("below")));
        }
    }

    @Test
    void aContainerReachesItsDevicesAndNoOthers() throws Exception {
        ContainerCgroup group = create(Limits.NONE, DeviceRules.STANDARD);
        assertEquals("no", outcome(group, "(: < /dev/kmsg) 2> /dev/null && echo yes || echo no"));
        assertEquals("yes", outcome(group, "(: < /dev/zero) && echo yes || echo no"));
        tree.remove(ID).join();
        ContainerCgroup readers = create(Limits.NONE,
                DeviceRules.STANDARD.allowing(new DeviceRules.Rule(DeviceRules.Kind.CHARACTER, 1, 11, "r")));
        assertEquals("yes", outcome(readers, "(: < /dev/kmsg) && echo yes || echo no"));
        assertEquals("no", outcome(readers, "(: > /dev/kmsg) 2> /dev/null && echo yes || echo no"));
        tree.remove(ID).join();
        assertEquals("yes", outcome(create(Limits.NONE, DeviceRules.EVERYTHING), "(: < /dev/kmsg) && echo yes || echo no"));
    }

    @Test
    void aFailedCreationLeavesNothing() {
        assumeTrue(tree.support().cpuset(), "no cpuset controller here");
        Limits impossible = new Limits(Limits.Memory.NONE, new Limits.Cpu(0, 0, 0, 0, "8000", ""), 0);
        CgroupException failure = assertThrows(CgroupException.class,
                () -> create(impossible, DeviceRules.STANDARD));
        assertTrue(failure.getMessage().contains("cannot write 8000 to"), failure::getMessage);
        assertEquals(List.of(), tree.ids());
    }

    @Test
    void anOverdrawnMemoryLimitKillsAndIsCounted() throws Exception {
        assumeTrue(tree.support().memory(), "no memory controller here");
        Limits tight = new Limits(new Limits.Memory(16 << 20, 16 << 20, 0), Limits.Cpu.NONE, 0);
        ContainerCgroup group = create(tight, DeviceRules.STANDARD);
        assertEquals(0, group.usage().oomKills());
        Process hungry = run(group, "exec tail /dev/zero");
        assertEquals(128 + 9, hungry.waitFor());
        assertEquals(1, group.usage().oomKills());
    }

    @Test
    void aPidsLimitHoldsAndIsLifted() throws Exception {
        assumeTrue(tree.support().pids(), "no pids controller here");
        ContainerCgroup group = create(new Limits(Limits.Memory.NONE, Limits.Cpu.NONE, 1), DeviceRules.STANDARD);
        Process shell = run(group, "(sleep 0) 2>/dev/null && echo forked; exit 7");
        assertNotEquals(0, shell.waitFor());
        assertEquals("", new String(shell.getInputStream().readAllBytes()).replaceAll("(?m)^.*[Ff]ork.*$", "").strip());
        group.update(new Limits(Limits.Memory.NONE, Limits.Cpu.NONE, -1));
        assertEquals("forked", outcome(group, "(sleep 0) && echo forked"));
    }

    private String outcome(ContainerCgroup group, String script) throws Exception {
        Process process = run(group, script);
        String line = process.inputReader().readLine();
        process.waitFor();
        return line;
    }

    @Test
    void descriptorsAreNotLeaked() throws Exception {
        create(Limits.NONE, DeviceRules.STANDARD).join().close();
        tree.remove(ID).join();
        long before = openDescriptors();
        for (int round = 0; round < 10; round++) {
            ContainerCgroup group = create(Limits.NONE, DeviceRules.STANDARD);
            group.join().close();
            group.usage();
            group.processes();
            tree.remove(ID).join();
        }
        assertEquals(before, openDescriptors());
    }

    private static long openDescriptors() throws IOException {
        try (var listing = Files.list(Path.of("/proc/self/fd"))) {
            return listing.count();
        }
    }

    static String content(Path directory, String file) throws IOException {
        return Files.readString(directory.resolve(file)).strip();
    }
}
