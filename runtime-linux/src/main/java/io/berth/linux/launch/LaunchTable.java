package io.berth.linux.launch;

import io.berth.linux.kernel.Architecture;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A {@link LaunchPlan} in the form the launcher walks. Words are 64 bits, little endian; addresses are those of the
 * launcher's mapping at {@link LauncherImage#TABLE_ADDRESS}.
 *
 * <pre>
 *   0  size of the table in bytes
 *   8  address of the first record
 *  16  pid of the container's process as the keeper sees it (the kernel writes it: CLONE_PARENT_SETTID); 0 before
 *  24  address of the record whose call failed, 0 while none has
 *  32  the failure's errno
 *  64  records of 88 bytes:
 *        0  system call number         56  its result, when it has been made
 *        8  six arguments              64  address at which to store the result too, or 0
 *                                      72  address of the record to go on with after an error, or 0: report it and exit
 *                                      80  address of the record to go on with when the result is not 0, or 0
 *      then strings and data
 * </pre>
 *
 * @param bytes what the memfd holds
 * @param relocations where the keeper writes the numbers that the inherited descriptors have in its process
 * @param inherited the descriptors themselves, each once
 * @param steps the names of the records, in order
 */
public record LaunchTable(byte[] bytes, List<Relocation> relocations, List<Fd> inherited, List<LaunchPlan.Step> steps) {

    static final int PID = 16;
    static final int FAILED = 24;
    static final int ERRNO = 32;
    static final int RECORDS = 64;
    static final int RECORD = 88;
    static final int RESULT = 56;
    private static final int STORE = 64;
    private static final int ON_ERROR = 72;
    private static final int ON_NONZERO = 80;

    /** At {@code offset} of the table belongs the number of descriptor {@code index} of the inherited ones. */
    public record Relocation(int offset, int index) {
    }

    /** A memfd with the table, for the launch message. The caller closes it. */
    public Fd toMemory(Kernel kernel) {
        FileCalls files = new FileCalls(kernel);
        Fd memory = files.memory("berth-launch", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        NativeBuffer content = NativeBuffer.of(bytes);
        int written = files.write(memory, content, 0, bytes.length);
        if (written != bytes.length) {
            memory.close();
            throw new IllegalStateException("a launch table of " + bytes.length + " bytes was written only to " + written);
        }
        // The keeper maps it: a table that shrank under it would kill the keeper with SIGBUS.
        kernel.call(SystemCall.FCNTL, memory, Argument.of(F_ADD_SEALS), Argument.of(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL));
        return memory;
    }

    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int F_ADD_SEALS = 1033;
    private static final int F_SEAL_SEAL = 1;
    private static final int F_SEAL_SHRINK = 2;
    private static final int F_SEAL_GROW = 4;

    static LaunchTable compile(List<LaunchPlan.Step> steps, List<Fd> inherited, Architecture architecture) {
        return new Compiler(steps, inherited, architecture).compile();
    }

    /** Lays out records and data; two passes, because a record can point at a later one. */
    private static final class Compiler {
        private final List<LaunchPlan.Step> steps;
        private final Architecture architecture;
        private final int exitRecord;
        private final ByteBuffer records;
        private final ByteArrayOutputStream data = new ByteArrayOutputStream(4096);
        private final int dataOffset;
        private final Map<LaunchPlan.Step, Integer> positions = new HashMap<>();
        private final Map<Fd, Integer> indexes = new HashMap<>();
        /** Argument vectors that several steps share are kept once: PATH may offer ten candidates. */
        private final Map<Operand.Strings, Long> vectors = new IdentityHashMap<>();
        private final List<Fd> inherited = new ArrayList<>();
        private final List<Relocation> relocations = new ArrayList<>();

        Compiler(List<LaunchPlan.Step> steps, List<Fd> unnamed, Architecture architecture) {
            this.steps = steps;
            this.architecture = architecture;
            this.exitRecord = steps.size();
            this.dataOffset = RECORDS + (steps.size() + 1) * RECORD;
            this.records = ByteBuffer.allocate(dataOffset).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < steps.size(); i++) {
                positions.put(steps.get(i), i);
            }
            unnamed.forEach(this::indexOf);
        }

        LaunchTable compile() {
            for (int i = 0; i < steps.size(); i++) {
                writeRecord(i, steps.get(i));
            }
            // Where the launcher ends after its clone, and a plan that does not end in execve.
            records.putLong(recordOffset(exitRecord), SystemCall.EXIT_GROUP.number(architecture));
            byte[] tail = data.toByteArray();
            records.putLong(0, dataOffset + tail.length);
            records.putLong(8, address(recordOffset(0)));
            byte[] bytes = java.util.Arrays.copyOf(records.array(), dataOffset + tail.length);
            System.arraycopy(tail, 0, bytes, dataOffset, tail.length);
            if (bytes.length > LauncherImage.LONGEST_TABLE) {
                throw new IllegalArgumentException("arguments and environment are too long: the launch table has "
                        + bytes.length + " bytes, at most " + LauncherImage.LONGEST_TABLE + " are possible");
            }
            return new LaunchTable(bytes, List.copyOf(relocations), List.copyOf(inherited), steps);
        }

        private void writeRecord(int index, LaunchPlan.Step step) {
            int offset = recordOffset(index);
            records.putLong(offset, step.call().number(architecture));
            for (int i = 0; i < step.operands().size(); i++) {
                int at = offset + 8 + 8 * i;
                records.putLong(at, word(step.operands().get(i), at, index));
            }
            if (step.onError() != null) {
                records.putLong(offset + ON_ERROR, address(recordOffset(laterPosition(step.onError(), index))));
            } else if (step.ignoresError()) {
                records.putLong(offset + ON_ERROR, address(recordOffset(index + 1)));
            }
            if (step.leavesParent()) {
                records.putLong(offset + ON_NONZERO, address(recordOffset(exitRecord)));
            }
        }

        private int laterPosition(LaunchPlan.Step target, int index) {
            int position = positions.get(target);
            if (position <= index) {
                throw new IllegalArgumentException("a launch never goes back: " + target.name());
            }
            return position;
        }

        private long word(Operand operand, int at, int index) {
            return switch (operand) {
                case Operand.Number number -> number.value();
                case Operand.Text text -> addText(text.bytes());
                case Operand.Data bytes -> addAligned(bytes.bytes());
                case Operand.Strings strings -> vectors.computeIfAbsent(strings, added -> addVector(added.elements()));
                case Operand.Filter filter -> addFilter(filter.program());
                case Operand.Inherited descriptor -> {
                    relocations.add(new Relocation(at, indexOf(descriptor.fd())));
                    yield -1;
                }
                case Operand.ResultOf earlier -> {
                    storeResult(earlier.step(), at, index);
                    yield -1;
                }
                case Operand.CloneArguments clone -> addCloneArguments(clone);
            };
        }

        private int indexOf(Fd fd) {
            return indexes.computeIfAbsent(fd, added -> {
                inherited.add(added);
                return inherited.size() - 1;
            });
        }

        private void storeResult(LaunchPlan.Step earlier, int at, int index) {
            int position = positions.get(earlier);
            if (position >= index) {
                throw new IllegalArgumentException("the result of a later step: " + earlier.name());
            }
            int store = recordOffset(position) + STORE;
            if (records.getLong(store) != 0) {
                throw new IllegalArgumentException("a result is stored once only: " + earlier.name());
            }
            records.putLong(store, address(at));
        }

        private long addText(byte[] text) {
            long address = address(dataOffset + data.size());
            data.writeBytes(text);
            data.write(0);
            return address;
        }

        private long addAligned(byte[] bytes) {
            while ((dataOffset + data.size()) % 8 != 0) {
                data.write(0);
            }
            long address = address(dataOffset + data.size());
            data.writeBytes(bytes);
            return address;
        }

        private long addVector(List<byte[]> elements) {
            ByteBuffer vector = ByteBuffer.allocate(8 * (elements.size() + 1)).order(ByteOrder.LITTLE_ENDIAN);
            for (byte[] element : elements) {
                vector.putLong(addText(element));
            }
            return addAligned(vector.array());
        }

        private long addFilter(byte[] program) {
            long address = addAligned(program);
            ByteBuffer header = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
            header.putShort(0, (short) (program.length / 8));
            header.putLong(8, address);
            return addAligned(header.array());
        }

        private long addCloneArguments(Operand.CloneArguments clone) {
            ByteBuffer arguments = ByteBuffer.allocate(Operand.CloneArguments.SIZE).order(ByteOrder.LITTLE_ENDIAN);
            arguments.putLong(0, clone.flags() | (clone.cgroup().isPresent() ? Operand.CloneArguments.CLONE_INTO_CGROUP : 0));
            arguments.putLong(Operand.CloneArguments.PARENT_TID, address(PID));
            long address = addAligned(arguments.array());
            clone.cgroup().ifPresent(cgroup -> relocations.add(new Relocation(
                    (int) (address - LauncherImage.TABLE_ADDRESS) + Operand.CloneArguments.CGROUP, indexOf(cgroup))));
            return address;
        }

        private static int recordOffset(int index) {
            return RECORDS + index * RECORD;
        }

        private static long address(int offset) {
            return LauncherImage.TABLE_ADDRESS + offset;
        }
    }
}
