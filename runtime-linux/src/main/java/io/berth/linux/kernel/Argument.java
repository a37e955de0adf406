package io.berth.linux.kernel;

import java.nio.charset.StandardCharsets;

/**
 * One argument of a system call, in the few shapes the kernel knows. The {@link Kernel} port takes these instead of raw
 * addresses so that a recording double can show a call as a person would write it.
 */
public sealed interface Argument permits Argument.Word, Argument.Text, Argument.Within, Fd, NativeBuffer {

    /** A plain number: flags, sizes, offsets, a null pointer. */
    record Word(long value) implements Argument {
        @Override
        public String toString() {
            return value >= -4096 && value < 4096 ? Long.toString(value) : "0x" + Long.toHexString(value);
        }
    }

    /** A NUL-terminated string of bytes; names of files are bytes in Linux, not characters. */
    record Text(byte[] bytes) implements Argument {
        public Text {
            for (byte b : bytes) {
                if (b == 0) {
                    throw new IllegalArgumentException("a C string cannot hold a NUL byte");
                }
            }
        }

        @Override
        public String toString() {
            return '"' + new String(bytes, StandardCharsets.UTF_8) + '"';
        }
    }

    /** The address of a byte of a buffer, which lives as long as the call needs it; a bare number would not keep it. */
    record Within(NativeBuffer buffer, int offset) implements Argument {
        @Override
        public String toString() {
            return offset == 0 ? buffer.toString() : buffer + "+" + offset;
        }
    }

    Argument NULL = new Word(0);

    static Argument of(long value) {
        return value == 0 ? NULL : new Word(value);
    }

    static Argument of(String text) {
        return new Text(text.getBytes(StandardCharsets.UTF_8));
    }

    static Argument of(byte[] text) {
        return new Text(text);
    }
}
