package io.berth.linux.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.linux.kernel.Architecture;
import io.berth.linux.kernel.SystemCall;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher for aarch64 under qemu's user mode emulation: it walks real tables, and the kernel sees their effects. */
class EmulatedLauncherTest {

    private static final Path QEMU = Path.of("/usr/bin/qemu-aarch64");

    @TempDir
    Path directory;

    @BeforeEach
    void needsTheEmulator() {
        assumeTrue(Files.isExecutable(QEMU), "qemu-user is not installed: the launcher for aarch64 cannot be run here");
    }

    @Test
    void itMakesTheCallsOfTheTableInOrder() throws Exception {
        LaunchPlan plan = new LaunchPlan();
        plan.step("say one", SystemCall.WRITE, Operand.of(1), Operand.of("one "), Operand.of(4));
        plan.step("say two", SystemCall.WRITE, Operand.of(1), Operand.of("two"), Operand.of(3));
        plan.step("end", SystemCall.EXIT_GROUP, Operand.of(42));
        Outcome outcome = run(plan);
        assertEquals("one two", outcome.output());
        assertEquals(42, outcome.exitCode());
        assertEquals(4, outcome.table().getLong(LaunchTable.RECORDS + LaunchTable.RESULT));
        assertEquals(0, outcome.table().getLong(LaunchTable.FAILED));
    }

    @Test
    void aResultBecomesALaterArgumentAndAnErrorMayBePassedOver() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        LaunchPlan plan = new LaunchPlan();
        plan.step("passed over", SystemCall.CLOSE, Operand.of(-1)).orGoOn();
        LaunchPlan.Step opened = plan.step("open", SystemCall.OPENAT, Operand.of(-100), Operand.of(file.toString()), Operand.of(1), Operand.of(0));
        LaunchPlan.Step missing = plan.step("missing", SystemCall.OPENAT, Operand.of(-100), Operand.of("/nowhere"), Operand.of(0), Operand.of(0));
        plan.step("skipped", SystemCall.WRITE, Operand.of(1), Operand.of("never"), Operand.of(5));
        LaunchPlan.Step written = plan.step("write", SystemCall.WRITE, new Operand.ResultOf(opened), Operand.of("done"), Operand.of(4));
        missing.orElse(written);
        Outcome outcome = run(plan);
        assertEquals("", outcome.output());
        assertEquals("done", Files.readString(file));
        assertEquals(0, outcome.exitCode(), "a plan without execve ends by itself");
    }

    @Test
    void aFailureIsReportedInTheTable() throws Exception {
        LaunchPlan plan = new LaunchPlan();
        plan.step("fine", SystemCall.SETSID).orGoOn();
        plan.step("missing", SystemCall.CHDIR, Operand.of("/nowhere"));
        Outcome outcome = run(plan);
        assertEquals(127, outcome.exitCode());
        assertEquals(LauncherImage.TABLE_ADDRESS + LaunchTable.RECORDS + LaunchTable.RECORD, outcome.table().getLong(LaunchTable.FAILED));
        assertEquals(2, outcome.table().getLong(LaunchTable.ERRNO), "ENOENT");
    }

    private record Outcome(int exitCode, String output, ByteBuffer table) {
    }

    /** The table is descriptor 0, as good as any. */
    private Outcome run(LaunchPlan plan) throws IOException, InterruptedException {
        Path program = Files.write(directory.resolve("launcher"), LauncherImage.elf(Architecture.AARCH64));
        Path table = Files.write(directory.resolve("table"), plan.compile(Architecture.AARCH64).bytes());
        assertEquals(true, program.toFile().setExecutable(true));
        Process process = new ProcessBuilder("/bin/sh", "-c", "exec \"$0\" \"$1\" 0 <>\"$2\"", QEMU.toString(), program.toString(), table.toString())
                .redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertEquals(true, process.waitFor(60, TimeUnit.SECONDS));
        return new Outcome(process.exitValue(), output, ByteBuffer.wrap(Files.readAllBytes(table)).order(ByteOrder.LITTLE_ENDIAN));
    }
}
