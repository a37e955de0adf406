package io.berth.linux.security;

import java.nio.ByteBuffer;

/**
 * One instruction of a seccomp filter: struct sock_filter of linux/filter.h.
 *
 * @param jumpTrue  instructions to skip when the comparison holds; the kernel has eight bits for it
 * @param jumpFalse instructions to skip when it does not
 * @param operand   what to compare with, load, mask by, jump over or return
 */
record FilterInstruction(int code, int jumpTrue, int jumpFalse, int operand) {

    static final int SIZE = 8;
    static final int FARTHEST = 255;

    // linux/bpf_common.h, linux/filter.h
    static final int LOAD = 0x20;
    static final int JUMP = 0x05;
    static final int JUMP_EQUAL = 0x15;
    static final int JUMP_AT_LEAST = 0x35;
    static final int AND = 0x54;
    static final int RETURN = 0x06;

    // struct seccomp_data of linux/seccomp.h
    static final int NUMBER_OFFSET = 0;
    static final int ARCHITECTURE_OFFSET = 4;
    static final int ARGUMENTS_OFFSET = 16;

    FilterInstruction {
        if (jumpTrue < 0 || jumpTrue > FARTHEST || jumpFalse < 0 || jumpFalse > FARTHEST) {
            throw new IllegalArgumentException("a filter's comparison cannot jump over " + Math.max(jumpTrue, jumpFalse));
        }
    }

    static FilterInstruction load(int offset) {
        return new FilterInstruction(LOAD, 0, 0, offset);
    }

    static FilterInstruction and(int mask) {
        return new FilterInstruction(AND, 0, 0, mask);
    }

    static FilterInstruction jump(int over) {
        return new FilterInstruction(JUMP, 0, 0, over);
    }

    static FilterInstruction jumpEqual(int value, int jumpTrue, int jumpFalse) {
        return new FilterInstruction(JUMP_EQUAL, jumpTrue, jumpFalse, value);
    }

    /** The comparison is unsigned. */
    static FilterInstruction jumpAtLeast(int value, int jumpTrue, int jumpFalse) {
        return new FilterInstruction(JUMP_AT_LEAST, jumpTrue, jumpFalse, value);
    }

    static FilterInstruction giveBack(SeccompProfile.Verdict verdict) {
        return new FilterInstruction(RETURN, 0, 0, verdict.returnValue());
    }

    void write(ByteBuffer littleEndian) {
        littleEndian.putShort((short) code).put((byte) jumpTrue).put((byte) jumpFalse).putInt(operand);
    }
}
