package io.berth.linux.security;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A compiled filter, ready for {@code seccomp(SECCOMP_SET_MODE_FILTER, 0, &{length, &instructions})}. Immutable and
 * shared between containers.
 */
public final class SeccompFilter {

    private final byte[] bytes;

    SeccompFilter(List<FilterInstruction> instructions) {
        ByteBuffer buffer = ByteBuffer.allocate(instructions.size() * FilterInstruction.SIZE).order(ByteOrder.LITTLE_ENDIAN);
        instructions.forEach(instruction -> instruction.write(buffer));
        bytes = buffer.array();
    }

    /** {@code sock_fprog.len}: how many instructions. */
    public int length() {
        return bytes.length / FilterInstruction.SIZE;
    }

    /** A copy of the array of struct sock_filter that {@code sock_fprog.filter} points to. */
    public byte[] instructions() {
        return bytes.clone();
    }
}
