package io.berth.linux.launch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.linux.kernel.Architecture;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.RecordingKernel;
import io.berth.linux.kernel.SystemCall;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LaunchTableTest {

    private final RecordingKernel kernel = new RecordingKernel();
    private final LaunchPlan plan = new LaunchPlan();

    @ParameterizedTest
    @EnumSource(Architecture.class)
    void aRecordHasTheCallsNumberAndItsArguments(Architecture architecture) {
        plan.step("close", SystemCall.CLOSE, Operand.of(7));
        ByteBuffer table = words(plan.compile(architecture));
        assertEquals(SystemCall.CLOSE.number(architecture), table.getLong(record(0)));
        assertEquals(7, table.getLong(record(0) + 8));
        assertEquals(table.capacity(), table.getLong(0));
        assertEquals(LauncherImage.TABLE_ADDRESS + record(0), table.getLong(8));
        assertEquals(SystemCall.EXIT_GROUP.number(architecture), table.getLong(record(1)), "a plan without execve ends");
    }

    @Test
    void textsAndVectorsAreBehindTheRecords() {
        plan.step("execute", SystemCall.EXECVE, Operand.of("/bin/x"), new Operand.Strings(List.of(bytes("x"), bytes("ü"))), new Operand.Strings(List.of()));
        ByteBuffer table = words(plan.compile());
        assertEquals("/bin/x", text(table, table.getLong(record(0) + 8)));
        int vector = offset(table.getLong(record(0) + 16));
        assertEquals("x", text(table, table.getLong(vector)));
        assertEquals("ü", text(table, table.getLong(vector + 8)));
        assertEquals(0, table.getLong(vector + 16));
        assertEquals(0, table.getLong(offset(table.getLong(record(0) + 24))));
        assertEquals(0, vector % 8);
    }

    @Test
    void aVectorThatStepsShareIsKeptOnce() {
        Operand arguments = new Operand.Strings(List.of(bytes("x".repeat(1000))));
        plan.step("execute a", SystemCall.EXECVE, Operand.of("/a"), arguments, arguments);
        plan.step("execute b", SystemCall.EXECVE, Operand.of("/b"), arguments, arguments);
        LaunchTable table = plan.compile();
        assertTrue(table.bytes().length < 2000);
        assertEquals(words(table).getLong(record(0) + 16), words(table).getLong(record(1) + 16));
    }

    @Test
    void everyDescriptorIsInheritedOnceAndRelocatedWhereItIsUsed() {
        Fd one = new Fd(kernel, 50);
        Fd two = new Fd(kernel, 51);
        plan.step("dup", SystemCall.DUP3, new Operand.Inherited(one, "one"), new Operand.Inherited(two, "two"), Operand.of(0));
        plan.step("again", SystemCall.FCHDIR, new Operand.Inherited(two, "two"));
        plan.inherit(one);
        LaunchTable table = plan.compile();
        assertEquals(List.of(one, two), table.inherited());
        assertEquals(List.of(new LaunchTable.Relocation(record(0) + 8, 0), new LaunchTable.Relocation(record(0) + 16, 1),
                new LaunchTable.Relocation(record(1) + 8, 1)), table.relocations());
    }

    @Test
    void theCgroupOfACloneIsRelocatedInItsArguments() {
        plan.fork(LaunchPlan.CLONE_NEWPID, Optional.of(new Fd(kernel, 50)));
        LaunchTable compiled = plan.compile();
        ByteBuffer table = words(compiled);
        int arguments = offset(table.getLong(record(0) + 8));
        // CLONE_INTO_CGROUP | CLONE_NEWPID | CLONE_PARENT_SETTID | CLONE_PARENT (linux/sched.h)
        assertEquals(0x2_2010_8000L, table.getLong(arguments));
        assertEquals(LauncherImage.TABLE_ADDRESS + LaunchTable.PID, table.getLong(arguments + 24));
        assertEquals(List.of(new LaunchTable.Relocation(arguments + 80, 0)), compiled.relocations());
        assertEquals(LauncherImage.TABLE_ADDRESS + record(1), table.getLong(record(0) + 80), "the parent goes to the exit");
    }

    @Test
    void aResultIsStoredIntoTheLaterArgument() {
        LaunchPlan.Step open = plan.step("open", SystemCall.OPENAT, Operand.of(-100), Operand.of("/"), Operand.of(0), Operand.of(0));
        plan.step("close", SystemCall.CLOSE, new Operand.ResultOf(open));
        assertEquals(LauncherImage.TABLE_ADDRESS + record(1) + 8, words(plan.compile()).getLong(record(0) + 64));
    }

    @Test
    void aResultIsStoredOnceOnly() {
        LaunchPlan.Step open = plan.step("open", SystemCall.OPENAT, Operand.of(-100));
        plan.step("close", SystemCall.CLOSE, new Operand.ResultOf(open));
        plan.step("close again", SystemCall.CLOSE, new Operand.ResultOf(open));
        assertEquals("a result is stored once only: open", assertThrows(IllegalArgumentException.class, plan::compile).getMessage());
    }

    @Test
    void aResultIsThatOfAnEarlierStep() {
        LaunchPlan other = new LaunchPlan();
        LaunchPlan.Step late = other.step("late", SystemCall.OPENAT);
        assertThrows(RuntimeException.class, () -> {
            plan.step("close", SystemCall.CLOSE, new Operand.ResultOf(late));
            plan.compile();
        });
    }

    @Test
    void anErrorLeadsForwardOnly() {
        LaunchPlan.Step first = plan.step("first", SystemCall.CLOSE, Operand.of(1));
        LaunchPlan.Step second = plan.step("second", SystemCall.CLOSE, Operand.of(2)).orGoOn();
        LaunchPlan.Step third = plan.step("third", SystemCall.CLOSE, Operand.of(3));
        first.orElse(third);
        ByteBuffer table = words(plan.compile());
        assertEquals(LauncherImage.TABLE_ADDRESS + record(2), table.getLong(record(0) + 72));
        assertEquals(LauncherImage.TABLE_ADDRESS + record(2), table.getLong(record(1) + 72));
        assertEquals(0, table.getLong(record(2) + 72));
        third.orElse(second);
        assertEquals("a launch never goes back: second", assertThrows(IllegalArgumentException.class, plan::compile).getMessage());
    }

    @Test
    void aFilterIsHandedOverWithItsLength() {
        byte[] program = new byte[24];
        program[8] = 5;
        plan.step("filter", SystemCall.SECCOMP, Operand.of(1), Operand.of(0), new Operand.Filter(program));
        ByteBuffer table = words(plan.compile());
        int header = offset(table.getLong(record(0) + 24));
        assertEquals(3, table.getShort(header));
        byte[] copied = new byte[24];
        table.get(offset(table.getLong(header + 8)), copied);
        assertArrayEquals(program, copied);
    }

    @Test
    void whatTheLauncherCannotMapIsRefused() {
        plan.step("execute", SystemCall.EXECVE, Operand.of(new byte[LauncherImage.LONGEST_TABLE]));
        assertTrue(assertThrows(IllegalArgumentException.class, plan::compile).getMessage().startsWith("arguments and environment are too long: "));
    }

    private static int record(int index) {
        return LaunchTable.RECORDS + index * LaunchTable.RECORD;
    }

    private static int offset(long address) {
        return (int) (address - LauncherImage.TABLE_ADDRESS);
    }

    private static ByteBuffer words(LaunchTable table) {
        return ByteBuffer.wrap(table.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static String text(ByteBuffer table, long address) {
        int end = offset(address);
        while (table.get(end) != 0) {
            end++;
        }
        return new String(table.array(), offset(address), end - offset(address), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
