package io.berth.linux.launch;

import static io.berth.linux.kernel.Argument.NULL;
import static io.berth.linux.kernel.Argument.of;

import com.kenai.jffi.MemoryIO;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCall;

/**
 * A launch table mapped into this process while the launcher works on it. The daemon and the keeper each have their own
 * mapping of the same memory.
 */
public final class TableMemory implements AutoCloseable {

    private static final MemoryIO MEMORY = MemoryIO.getInstance();
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED = 1;
    private static final int SEEK_END = 2;

    private final Kernel kernel;
    private final long address;
    private final long size;
    private boolean closed;

    public TableMemory(Kernel kernel, Fd table) {
        this.kernel = kernel;
        this.size = kernel.call(SystemCall.LSEEK, table, NULL, of(SEEK_END));
        if (size < LaunchTable.RECORDS) {
            throw new IllegalArgumentException("a launch table has at least " + LaunchTable.RECORDS + " bytes, not " + size);
        }
        this.address = kernel.call(SystemCall.MMAP, NULL, of(size), of(PROT_READ_WRITE), of(MAP_SHARED), table, NULL);
    }

    /** Writes one word of the table. */
    public void patch(int offset, long value) {
        MEMORY.putLong(at(offset), value);
    }

    /** The pid of the container's process, 0 while there is none. */
    public int pid() {
        return MEMORY.getInt(at(LaunchTable.PID));
    }

    /** The position of the step that failed, -1 while none has. */
    public int failedStep() {
        long record = MEMORY.getLong(at(LaunchTable.FAILED));
        return record == 0 ? -1 : (int) ((record - LauncherImage.TABLE_ADDRESS - LaunchTable.RECORDS) / LaunchTable.RECORD);
    }

    /** The errno of the failed step. */
    public int errno() {
        return (int) MEMORY.getLong(at(LaunchTable.ERRNO));
    }

    /** What the call of a step answered, an errno as a negative number; 0 while it has not been made. */
    public long result(int step) {
        return MEMORY.getLong(at(LaunchTable.RECORDS + step * LaunchTable.RECORD + LaunchTable.RESULT));
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            kernel.call(SystemCall.MUNMAP, of(address), of(size));
        }
    }

    private long at(int offset) {
        if (closed || offset < 0 || offset + 8 > size) {
            throw new IndexOutOfBoundsException("offset " + offset + " of a launch table of " + size + " bytes");
        }
        return address + offset;
    }
}
