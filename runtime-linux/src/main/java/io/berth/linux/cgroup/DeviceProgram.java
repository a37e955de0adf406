package io.berth.linux.cgroup;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Device rules as an eBPF program of the type the kernel asks at every open and mknod of a device in a group of version 2
 * (BPF_PROG_TYPE_CGROUP_DEVICE). It gets struct bpf_cgroup_dev_ctx, three words: access in the upper half and kind in the
 * lower half of the first, then major and minor; 1 means yes.
 */
final class DeviceProgram {

    static final int INSTRUCTION_SIZE = 8;

    // linux/bpf.h: kinds and accesses
    private static final int BLOCK = 1;
    private static final int CHARACTER = 2;
    private static final int MAKE = 1;
    private static final int READ = 2;
    private static final int WRITE = 4;

    // Operation codes (the kernel's Documentation/bpf/standardization/instruction-set)
    static final int LOAD_WORD = 0x61;
    static final int COPY = 0xbf;
    static final int SET = 0xb7;
    static final int AND = 0x57;
    static final int SHIFT_RIGHT = 0x77;
    static final int JUMP_UNLESS_EQUAL = 0x55;
    static final int EXIT = 0x95;

    // Registers
    private static final int ANSWER = 0;
    private static final int CONTEXT = 1;
    private static final int KIND = 2;
    private static final int ACCESS = 3;
    private static final int MAJOR = 4;
    private static final int MINOR = 5;
    private static final int SCRATCH = 6;

    private record Instruction(int code, int target, int source, int offset, int immediate) {
    }

    private DeviceProgram() {
    }

    /** The array of struct bpf_insn. */
    static byte[] compile(DeviceRules rules) {
        List<Instruction> program = new ArrayList<>(List.of(
                new Instruction(LOAD_WORD, KIND, CONTEXT, 0, 0),
                new Instruction(COPY, ACCESS, KIND, 0, 0),
                new Instruction(SHIFT_RIGHT, ACCESS, 0, 0, 16),
                new Instruction(AND, KIND, 0, 0, 0xffff),
                new Instruction(LOAD_WORD, MAJOR, CONTEXT, 4, 0),
                new Instruction(LOAD_WORD, MINOR, CONTEXT, 8, 0)));
        rules.rules().forEach(rule -> program.addAll(allowIfMatches(rule)));
        program.addAll(answer(rules.everything() ? 1 : 0));
        ByteBuffer bytes = ByteBuffer.allocate(program.size() * INSTRUCTION_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        for (Instruction each : program) {
            bytes.put((byte) each.code).put((byte) (each.source << 4 | each.target))
                    .putShort((short) each.offset).putInt(each.immediate);
        }
        return bytes.array();
    }

    private static List<Instruction> allowIfMatches(DeviceRules.Rule rule) {
        List<Instruction> tests = new ArrayList<>();
        tests.add(unlessEqual(KIND, rule.kind() == DeviceRules.Kind.BLOCK ? BLOCK : CHARACTER));
        if (rule.major() != DeviceRules.Rule.ANY) {
            tests.add(unlessEqual(MAJOR, rule.major()));
        }
        if (rule.minor() != DeviceRules.Rule.ANY) {
            tests.add(unlessEqual(MINOR, rule.minor()));
        }
        int forbidden = (MAKE | READ | WRITE) & ~granted(rule);
        if (forbidden != 0) {
            tests.add(new Instruction(COPY, SCRATCH, ACCESS, 0, 0));
            tests.add(new Instruction(AND, SCRATCH, 0, 0, forbidden));
            tests.add(unlessEqual(SCRATCH, 0));
        }
        tests.addAll(answer(1));
        return jumpingToTheEnd(tests);
    }

    private static int granted(DeviceRules.Rule rule) {
        return (rule.allows('m') ? MAKE : 0) | (rule.allows('r') ? READ : 0) | (rule.allows('w') ? WRITE : 0);
    }

    private static Instruction unlessEqual(int register, int value) {
        return new Instruction(JUMP_UNLESS_EQUAL, register, 0, 0, value);
    }

    private static List<Instruction> answer(int value) {
        return List.of(new Instruction(SET, ANSWER, 0, 0, value), new Instruction(EXIT, 0, 0, 0, 0));
    }

    /** A failed test goes on behind the rule. */
    private static List<Instruction> jumpingToTheEnd(List<Instruction> rule) {
        List<Instruction> aimed = new ArrayList<>();
        for (int at = 0; at < rule.size(); at++) {
            Instruction each = rule.get(at);
            aimed.add(each.code == JUMP_UNLESS_EQUAL
                    ? new Instruction(each.code, each.target, each.source, rule.size() - at - 1, each.immediate) : each);
        }
        return aimed;
    }
}
