package io.berth.linux.security;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Runs a filter as the kernel does (Documentation/networking/filter.rst), over the instructions our filters may use. */
final class FilterMachine {

    private final ByteBuffer program;
    private int comparisons;

    FilterMachine(SeccompFilter filter) {
        program = ByteBuffer.wrap(filter.instructions()).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The verdict on a call, its six arguments given as the registers hold them. */
    int run(int auditNumber, int number, long... arguments) {
        ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putInt(0, number).putInt(4, auditNumber);
        for (int i = 0; i < arguments.length; i++) {
            data.putLong(16 + 8 * i, arguments[i]);
        }
        comparisons = 0;
        int accumulator = 0;
        for (int at = 0;; at++) {
            int code = program.getShort(at * 8) & 0xffff;
            int operand = program.getInt(at * 8 + 4);
            switch (code) {
                case 0x20 -> accumulator = data.getInt(operand);
                case 0x54 -> accumulator &= operand;
                case 0x05 -> at += operand;
                case 0x15 -> at += jump(at, accumulator == operand);
                case 0x35 -> at += jump(at, Integer.compareUnsigned(accumulator, operand) >= 0);
                case 0x06 -> {
                    return operand;
                }
                default -> throw new AssertionError("instruction " + at + " has the code " + code);
            }
        }
    }

    private int jump(int at, boolean holds) {
        comparisons++;
        return program.get(at * 8 + (holds ? 2 : 3)) & 0xff;
    }

    /** How many comparisons the last run made. */
    int comparisons() {
        return comparisons;
    }
}
