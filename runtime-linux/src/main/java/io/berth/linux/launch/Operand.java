package io.berth.linux.launch;

import io.berth.linux.kernel.Fd;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** An argument of a step: what the launcher will find in the register when it makes the call. */
public sealed interface Operand {

    /** A number as it is. */
    record Number(long value) implements Operand {
        @Override
        public String toString() {
            return value >= -4096 && value < 4096 ? Long.toString(value) : "0x" + Long.toHexString(value);
        }
    }

    /** The address of a NUL-terminated string kept in the table. */
    record Text(byte[] bytes) implements Operand {
        @Override
        public String toString() {
            return '"' + new String(bytes, StandardCharsets.UTF_8) + '"';
        }
    }

    /** The address of bytes kept in the table: a structure, or room for one. */
    record Data(byte[] bytes) implements Operand {
        @Override
        public String toString() {
            return "data[" + bytes.length + ']';
        }
    }

    /** The address of a NULL-terminated vector of strings, as execve(2) takes two of. */
    record Strings(List<byte[]> elements) implements Operand {
        @Override
        public String toString() {
            return elements.stream().map(e -> new String(e, StandardCharsets.UTF_8)).collect(Collectors.joining(", ", "[", "]"));
        }
    }

    /** A sock_fprog (linux/filter.h): the address of the number of instructions and of the program behind it. */
    record Filter(byte[] program) implements Operand {
        @Override
        public String toString() {
            return "filter[" + program.length / 8 + ']';
        }
    }

    /** A descriptor the launcher inherits; the keeper fills in the number it has there. */
    record Inherited(Fd fd, String role) implements Operand {
        @Override
        public String toString() {
            return role;
        }
    }

    /** The result of an earlier step, a descriptor mostly. */
    record ResultOf(LaunchPlan.Step step) implements Operand {
        @Override
        public String toString() {
            return "result of " + step.name();
        }
    }

    /**
     * A struct clone_args (clone3(2)) whose parent_tid is the table's word for the pid. The exit signal is the one of the
     * launcher itself, as CLONE_PARENT wants it.
     */
    record CloneArguments(long flags, Optional<Fd> cgroup) implements Operand {
        static final int SIZE = 88;
        static final int PARENT_TID = 24;
        static final int CGROUP = 80;
        static final long CLONE_INTO_CGROUP = 0x2_0000_0000L;

        @Override
        public String toString() {
            return "0x" + Long.toHexString(flags) + (cgroup.isPresent() ? " into the cgroup" : "");
        }
    }

    static Operand of(long value) {
        return new Number(value);
    }

    static Operand of(String text) {
        return new Text(text.getBytes(StandardCharsets.UTF_8));
    }

    static Operand of(byte[] text) {
        return new Text(text);
    }
}
