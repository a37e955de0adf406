package io.berth.linux.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.linux.kernel.Architecture;
import io.berth.linux.security.SeccompProfile.ArgumentTest;
import io.berth.linux.security.SeccompProfile.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SeccompCompilerTest {

    private static final int ALLOW = 0x7fff0000;
    private static final int EPERM = 0x00050001;
    private static final int ENOSYS = 0x00050026;
    private static final int KILL = 0x80000000;
    private static final long NAMESPACE_FLAGS = 0x7e020000L;

    /** Values at and beside every edge of the profile's conditions, with and without rubbish in the high half. */
    private static final long[] INTERESTING = {0, 1, 8, 9, 39, 40, 41, 0x20000, 0x20008, 0x20009, 0x11, 0x10000000L,
        0x40000000L, NAMESPACE_FLAGS, 0x02000000L, 0x01200011L, 0xffffffffL, -1L, 0x1_00000000L, 0x1_00000028L,
        0x7fffffff_00000000L};

    private final SeccompProfile profile = SeccompProfile.standard();
    private final SeccompCompiler x8664 = new SeccompCompiler(Architecture.X86_64, profile);

    @ParameterizedTest
    @EnumSource(Architecture.class)
    void theProgramSaysWhatTheProfileSaysForEveryCallAndCapability(Architecture architecture) {
        SeccompCompiler compiler = new SeccompCompiler(architecture, profile);
        List<Capabilities> sets = new ArrayList<>(List.of(Capabilities.NONE, Capabilities.DEFAULT, Capabilities.ALL));
        for (Capability each : profile.relevant().members()) {
            sets.add(Capabilities.of(each));
            sets.add(Capabilities.ALL.without(Capabilities.of(each)));
        }
        for (Capabilities capabilities : sets) {
            FilterMachine machine = new FilterMachine(compiler.filter(capabilities));
            for (SyscallAbi abi : SyscallAbi.of(architecture)) {
                compare(machine, abi, capabilities);
            }
        }
    }

    private void compare(FilterMachine machine, SyscallAbi abi, Capabilities capabilities) {
        Map<Integer, List<Rule>> rules = rulesByNumber(abi, capabilities);
        int newest = newest(abi);
        IntStream numbers = IntStream.concat(IntStream.rangeClosed(0, 1024),
                IntStream.of(0xf0000, 0xf0001, 0xf0002, 0xf0003, 0xf0005, 0xf0006, 0xf0007, 0x3fffffff, 0x40000000,
                        0x40000001, 0x400001ff, Integer.MAX_VALUE, Integer.MIN_VALUE, -2, -1));
        numbers.forEach(number -> {
            for (long argument : INTERESTING) {
                int expected = evaluate(rules.getOrDefault(number, List.of()), number, argument, newest);
                assertEquals(expected, machine.run(abi.auditNumber(), number, argument),
                        () -> abi + " call " + number + " with " + Long.toHexString(argument) + ", " + capabilities);
            }
        });
    }

    /** The profile read straight, without any cleverness. */
    private static int evaluate(List<Rule> rules, int number, long argument, int newest) {
        for (Rule rule : rules) {
            if (rule.test().isEmpty() || passes(rule.test().get(), argument)) {
                return rule.verdict().returnValue();
            }
        }
        return Integer.compareUnsigned(number, newest) <= 0 ? EPERM : ENOSYS;
    }

    /** A call that has rules, none of which holds, is known, hence EPERM: every conditional call is older than the newest. */
    private static boolean passes(ArgumentTest test, long argument) {
        assertEquals(0, test.index());
        boolean among = test.values().contains((int) argument & test.mask());
        return among == test.wanted();
    }

    private Map<Integer, List<Rule>> rulesByNumber(SyscallAbi abi, Capabilities capabilities) {
        Map<Integer, List<Rule>> rules = new HashMap<>();
        for (Rule rule : profile.rules()) {
            for (String name : rule.names()) {
                OptionalInt number = SyscallNumbers.known().of(name, abi);
                if (number.isPresent() && rule.holds(abi, capabilities)) {
                    rules.computeIfAbsent(number.getAsInt(), n -> new ArrayList<>()).add(rule);
                }
            }
        }
        return rules;
    }

    private int newest(SyscallAbi abi) {
        return profile.rules().stream().flatMap(rule -> rule.names().stream())
                .mapToInt(name -> SyscallNumbers.known().of(name, abi).orElse(0)).filter(number -> number < 0xf0000)
                .max().orElseThrow();
    }

    @Test
    void aDefaultContainerIsHeldToTheReferencesRules() {
        FilterMachine machine = new FilterMachine(x8664.filter(Capabilities.DEFAULT));
        assertEquals(ALLOW, call(machine, "read"));
        assertEquals(ALLOW, call(machine, "ptrace"));
        assertEquals(ALLOW, call(machine, "chroot"));
        assertEquals(ALLOW, call(machine, "socket", 2));
        assertEquals(EPERM, call(machine, "socket", 40));
        assertEquals(EPERM, call(machine, "socket", 0x1_00000028L));
        assertEquals(ALLOW, call(machine, "clone", 0x01200011L));
        assertEquals(EPERM, call(machine, "clone", 0x10000000L));
        assertEquals(ENOSYS, call(machine, "clone3"));
        assertEquals(EPERM, call(machine, "mount"));
        assertEquals(EPERM, call(machine, "unshare"));
        assertEquals(EPERM, call(machine, "keyctl"));
        assertEquals(EPERM, call(machine, "io_uring_setup"));
        assertEquals(EPERM, call(machine, "bpf"));
        assertEquals(ALLOW, call(machine, "personality", 0xffffffffL));
        assertEquals(EPERM, call(machine, "personality", 0x0040000L));
        assertEquals(ENOSYS, call(machine, "open_tree_attr"));
    }

    @Test
    void aCapabilityOpensItsCalls() {
        FilterMachine admin = new FilterMachine(x8664.filter(Capabilities.DEFAULT.with(Capabilities.of(Capability.SYS_ADMIN))));
        assertEquals(ALLOW, call(admin, "mount"));
        assertEquals(ALLOW, call(admin, "clone3"));
        assertEquals(ALLOW, call(admin, "clone", 0x10000000L));
        assertEquals(EPERM, call(new FilterMachine(x8664.filter(Capabilities.NONE)), "chroot"));
    }

    private static int call(FilterMachine machine, String name, long... arguments) {
        return machine.run(SyscallAbi.X86_64.auditNumber(), SyscallNumbers.known().of(name, SyscallAbi.X86_64).orElseThrow(),
                arguments);
    }

    @Test
    void x32IsNotThereAndAForeignArchitectureIsKilled() {
        FilterMachine machine = new FilterMachine(x8664.filter(Capabilities.ALL));
        assertEquals(ENOSYS, machine.run(SyscallAbi.X86_64.auditNumber(), 0x40000000));
        assertEquals(KILL, machine.run(SyscallAbi.AARCH64.auditNumber(), 0));
    }

    @Test
    void noCallCostsMoreThanTwelveComparisons() {
        FilterMachine machine = new FilterMachine(x8664.filter(Capabilities.DEFAULT));
        int most = 0;
        for (int number = 0; number < 512; number++) {
            machine.run(SyscallAbi.X86_64.auditNumber(), number, 3, 0, 0, 0, 0, 0);
            most = Math.max(most, machine.comparisons());
        }
        assertTrue(most <= 12, most + " comparisons");
    }

    @Test
    void oneFilterServesAllContainersThatAgreeOnWhatMatters() {
        Capabilities more = Capabilities.DEFAULT.with(Capabilities.of(Capability.NET_ADMIN));
        assertSame(x8664.filter(Capabilities.DEFAULT), x8664.filter(more));
    }

    @Test
    void noTwoCallsOfAnAbiShareANumber() {
        for (SyscallAbi abi : SyscallAbi.values()) {
            Set<Integer> seen = new HashSet<>();
            for (String line : SyscallNumbers.lines("syscall-numbers.txt")) {
                String name = line.split(" ")[0];
                SyscallNumbers.known().of(name, abi).ifPresent(number -> assertTrue(seen.add(number), () -> abi + " " + name));
            }
            assertTrue(seen.size() > 300, () -> abi + " has " + seen.size());
        }
    }
}
