package io.berth.linux.launch;

import static io.berth.linux.kernel.Argument.NULL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Real launches, as root, of programs of the host in namespaces of their own. */
class LauncherTest {

    private final Kernel kernel = new JnrKernel();
    private final FileCalls files = new FileCalls(kernel);
    private final Launcher launcher = new Launcher(kernel);

    @AfterEach
    void closeLauncher() {
        launcher.close();
    }

    @Test
    void aProcessRunsInNamespacesOfItsOwnAsAChildOfTheSpawner() {
        try (FileCalls.Pipe pipe = files.pipe()) {
            LaunchPlan plan = new LaunchPlan();
            plan.fork(LaunchPlan.CLONE_NEWPID | LaunchPlan.CLONE_NEWUTS, Optional.empty());
            byte[] name = "berth-test".getBytes(StandardCharsets.UTF_8);
            plan.step("set the host name", SystemCall.SETHOSTNAME, Operand.of(name), Operand.of(name.length));
            plan.step("open stdout", SystemCall.DUP3, new Operand.Inherited(pipe.writeEnd(), "stdout"), Operand.of(1), Operand.of(0));
            exec(plan, "/bin/sh", "-c", "echo $$ $(uname -n) \"$MARK\"; exit 7");
            Outcome outcome = launch(plan);
            pipe.writeEnd().close();
            assertEquals(7 << 8, outcome.status());
            assertEquals("1 berth-test set\n", readAll(pipe.readEnd()));
        }
    }

    @Test
    void theStepThatFailedAndItsErrnoStandInTheTable() {
        LaunchPlan plan = new LaunchPlan();
        plan.fork(LaunchPlan.CLONE_NEWNS, Optional.empty());
        plan.step("mount nothing on /nowhere", SystemCall.MOUNT, Operand.of("none"), Operand.of("/nowhere"), Operand.of("tmpfs"),
                Operand.of(0), Operand.of(0));
        exec(plan, "/bin/true");
        Outcome outcome = launch(plan);
        assertEquals("mount nothing on /nowhere", plan.steps().get(outcome.failedStep()).name());
        assertEquals(Errno.ENOENT, outcome.errno());
        assertEquals(127 << 8, outcome.status());
    }

    @Test
    void aFailureBeforeTheForkLeavesNoProcess() {
        LaunchPlan plan = new LaunchPlan();
        plan.step("enter a namespace", SystemCall.SETNS, Operand.of(-1), Operand.of(0));
        plan.fork(0, Optional.empty());
        Outcome outcome = launch(plan);
        assertEquals(0, outcome.pid());
        assertEquals("enter a namespace", plan.steps().get(outcome.failedStep()).name());
    }

    @Test
    void aStepMayGoOnOrElsewhereAfterAnError() {
        LaunchPlan plan = new LaunchPlan();
        plan.fork(0, Optional.empty());
        plan.step("ignored", SystemCall.CLOSE, Operand.of(-1)).orGoOn();
        LaunchPlan.Step missing = exec(plan, "/nowhere/sh");
        LaunchPlan.Step skipped = exec(plan, "/bin/false");
        LaunchPlan.Step found = exec(plan, "/bin/sh", "-c", "exit 3");
        missing.orElse(found);
        Outcome outcome = launch(plan);
        assertEquals(3 << 8, outcome.status());
        assertEquals(-2, outcome.results().get(plan.steps().indexOf(missing)));
        assertEquals(0, outcome.results().get(plan.steps().indexOf(skipped)));
    }

    @Test
    void aResultIsHandedToALaterStep() {
        try (FileCalls.Pipe pipe = files.pipe()) {
            LaunchPlan plan = new LaunchPlan();
            plan.fork(0, Optional.empty());
            LaunchPlan.Step opened = plan.step("open", SystemCall.OPENAT, Operand.of(-100), Operand.of("/dev/null"), Operand.of(1), Operand.of(0));
            plan.step("put it on stdout", SystemCall.DUP3, new Operand.ResultOf(opened), Operand.of(1), Operand.of(0));
            plan.step("stderr", SystemCall.DUP3, new Operand.Inherited(pipe.writeEnd(), "stderr"), Operand.of(2), Operand.of(0));
            exec(plan, "/bin/sh", "-c", "L=$(readlink /proc/$$/fd/1); echo $L >&2");
            launch(plan);
            pipe.writeEnd().close();
            assertEquals("/dev/null\n", readAll(pipe.readEnd()));
        }
    }

    @Test
    void theLauncherHasDefaultSignalsAndNoOtherDescriptors() {
        try (FileCalls.Pipe pipe = files.pipe(); Fd extra = files.open("/dev/zero", 0, 0)) {
            assertTrue(extra.number() > 2);
            LaunchPlan plan = new LaunchPlan();
            plan.fork(0, Optional.empty());
            plan.step("stdout", SystemCall.DUP3, new Operand.Inherited(pipe.writeEnd(), "stdout"), Operand.of(1), Operand.of(0));
            plan.step("close the rest on exec", SystemCall.CLOSE_RANGE, Operand.of(3), Operand.of(0xffff_ffffL), Operand.of(4));
            exec(plan, "/bin/bash", "-c", "ls /proc/self/fd; grep -E 'Sig(Blk|Ign)' /proc/self/status");
            launch(plan);
            pipe.writeEnd().close();
            assertEquals("0\n1\n2\n3\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n", readAll(pipe.readEnd()));
        }
    }

    private LaunchPlan.Step exec(LaunchPlan plan, String... command) {
        List<byte[]> arguments = new ArrayList<>();
        Arrays.stream(command).forEach(argument -> arguments.add(argument.getBytes(StandardCharsets.UTF_8)));
        return plan.step("execute " + command[0], SystemCall.EXECVE, Operand.of(command[0]), new Operand.Strings(arguments),
                new Operand.Strings(List.of("MARK=set".getBytes(StandardCharsets.UTF_8), "PATH=/bin:/usr/bin".getBytes(StandardCharsets.UTF_8))));
    }

    private record Outcome(int pid, int status, int failedStep, Errno errno, List<Long> results) {
    }

    private Outcome launch(LaunchPlan plan) {
        LaunchTable table = plan.compile();
        try (Fd memory = table.toMemory(kernel); TableMemory mapped = new TableMemory(kernel, memory)) {
            table.relocations().forEach(r -> mapped.patch(r.offset(), table.inherited().get(r.index()).number()));
            reap(launcher.spawn(memory, table.inherited()));
            int status = mapped.pid() == 0 ? -1 : reap(mapped.pid());
            List<Long> results = new ArrayList<>();
            for (int i = 0; i < plan.steps().size(); i++) {
                results.add(mapped.result(i));
            }
            return new Outcome(mapped.pid(), status, mapped.failedStep(), Errno.of(mapped.errno()), results);
        }
    }

    private int reap(int pid) {
        NativeBuffer status = NativeBuffer.allocate(4);
        kernel.retry(SystemCall.WAIT4, Argument.of(pid), status, NULL, NULL);
        return status.bytes().getInt(0);
    }

    private String readAll(Fd fd) {
        StringBuilder text = new StringBuilder();
        NativeBuffer buffer = NativeBuffer.allocate(4096);
        for (int n = files.read(fd, buffer, 0, 4096); n > 0; n = files.read(fd, buffer, 0, 4096)) {
            text.append(new String(buffer.copy(0, n), StandardCharsets.UTF_8));
        }
        return text.toString();
    }
}
