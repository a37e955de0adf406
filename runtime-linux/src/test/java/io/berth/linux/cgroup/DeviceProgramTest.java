package io.berth.linux.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class DeviceProgramTest {

    private static final int BLOCK = 1;
    private static final int CHARACTER = 2;
    private static final int[] MAJORS = {0, 1, 5, 8, 10, 136, 137};
    private static final int[] MINORS = {0, 1, 2, 3, 5, 7, 9, 11, 229, 4000};

    @Test
    void theProgramSaysWhatTheRulesSay() {
        DeviceRules rules = DeviceRules.STANDARD
                .allowing(new DeviceRules.Rule(DeviceRules.Kind.BLOCK, 8, DeviceRules.Rule.ANY, "r"))
                .allowing(new DeviceRules.Rule(DeviceRules.Kind.CHARACTER, 10, 229, "rw"));
        compare(rules);
        compare(DeviceRules.EVERYTHING);
    }

    private static void compare(DeviceRules rules) {
        byte[] program = DeviceProgram.compile(rules);
        for (int kind : new int[] {BLOCK, CHARACTER}) {
            for (int major : MAJORS) {
                for (int minor : MINORS) {
                    for (int access = 1; access <= 7; access++) {
                        String what = kind + " " + major + ":" + minor + " access " + access;
                        assertEquals(allows(rules, kind, major, minor, access),
                                run(program, kind, major, minor, access) == 1, what);
                    }
                }
            }
        }
    }

    private static boolean allows(DeviceRules rules, int kind, int major, int minor, int access) {
        String letters = ((access & 1) != 0 ? "m" : "") + ((access & 2) != 0 ? "r" : "") + ((access & 4) != 0 ? "w" : "");
        return rules.everything() || rules.rules().stream().anyMatch(rule ->
                (rule.kind() == DeviceRules.Kind.BLOCK) == (kind == BLOCK)
                && (rule.major() == -1 || rule.major() == major) && (rule.minor() == -1 || rule.minor() == minor)
                && letters.chars().allMatch(letter -> rule.access().indexOf(letter) >= 0));
    }

    /** The few instructions of eBPF that the compiler uses. */
    private static long run(byte[] program, int kind, int major, int minor, int access) {
        ByteBuffer code = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer context = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN)
                .putInt(access << 16 | kind).putInt(major).putInt(minor);
        long[] registers = new long[11];
        for (int at = 0;; at++) {
            int target = code.get(8 * at + 1) & 0xf;
            int source = (code.get(8 * at + 1) & 0xff) >> 4;
            int offset = code.getShort(8 * at + 2);
            int immediate = code.getInt(8 * at + 4);
            switch (code.get(8 * at) & 0xff) {
                case DeviceProgram.LOAD_WORD -> registers[target] = Integer.toUnsignedLong(context.getInt(offset));
                case DeviceProgram.COPY -> registers[target] = registers[source];
                case DeviceProgram.SET -> registers[target] = immediate;
                case DeviceProgram.AND -> registers[target] &= immediate;
                case DeviceProgram.SHIFT_RIGHT -> registers[target] >>>= immediate;
                case DeviceProgram.JUMP_UNLESS_EQUAL -> at += registers[target] != immediate ? offset : 0;
                case DeviceProgram.EXIT -> {
                    return registers[0];
                }
                default -> throw new AssertionError("instruction " + at);
            }
        }
    }
}
