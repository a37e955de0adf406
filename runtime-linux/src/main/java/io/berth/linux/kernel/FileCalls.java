package io.berth.linux.kernel;

import static io.berth.linux.kernel.Argument.NULL;
import static io.berth.linux.kernel.Argument.of;

/** Calls on open files and on paths of our own, as in open(2), read(2), write(2), fcntl(2), pipe(2). */
public final class FileCalls {

    // fcntl.h
    public static final int AT_FDCWD = -100;
    public static final int AT_EMPTY_PATH = 0x1000;
    public static final int AT_SYMLINK_NOFOLLOW = 0x100;
    public static final int AT_REMOVEDIR = 0x200;
    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_CREAT = 0x40;
    public static final int O_EXCL = 0x80;
    public static final int O_NOCTTY = 0x100;
    public static final int O_TRUNC = 0x200;
    public static final int O_APPEND = 0x400;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_CLOEXEC = 0x80000;
    public static final int O_PATH = 0x200000;
    /** These two differ between the architectures (asm/fcntl.h). */
    public static final int O_DIRECTORY = Architecture.current() == Architecture.X86_64 ? 0x10000 : 0x4000;
    public static final int O_NOFOLLOW = Architecture.current() == Architecture.X86_64 ? 0x20000 : 0x8000;

    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;

    private final Kernel kernel;

    public FileCalls(Kernel kernel) {
        this.kernel = kernel;
    }

    /** open(2) of a path of the daemon's own; never of one that a container or an image names. O_CLOEXEC is added. */
    public Fd open(String path, int flags, int mode) {
        return kernel.open(SystemCall.OPENAT, of(AT_FDCWD), of(path), of(flags | O_CLOEXEC), of(mode));
    }

    /** Reads once into {@code buffer} from {@code offset} on; the number of bytes, 0 at the end. */
    public int read(Fd fd, NativeBuffer buffer, int offset, int length) {
        return (int) kernel.retry(SystemCall.READ, fd, buffer.from(offset), of(length));
    }

    /** Writes once; the number of bytes taken. */
    public int write(Fd fd, NativeBuffer buffer, int offset, int length) {
        return (int) kernel.retry(SystemCall.WRITE, fd, buffer.from(offset), of(length));
    }

    /** Writes a short text in one call, as files of proc, sysfs and cgroupfs want it. */
    public void write(Fd fd, String text) {
        Argument.Text bytes = (Argument.Text) of(text);
        kernel.retry(SystemCall.WRITE, fd, bytes, of(bytes.bytes().length));
    }

    /** Opens, writes and closes a file of proc, sysfs or cgroupfs. */
    public void write(String path, String text) {
        try (Fd fd = open(path, O_WRONLY, 0)) {
            write(fd, text);
        }
    }

    /** A pipe; both ends close on exec. */
    public Pipe pipe() {
        NativeBuffer ends = NativeBuffer.allocate(8);
        kernel.call(SystemCall.PIPE2, ends, of(O_CLOEXEC));
        return new Pipe(new Fd(kernel, ends.bytes().getInt(0)), new Fd(kernel, ends.bytes().getInt(4)));
    }

    /** The two ends of a pipe. */
    public record Pipe(Fd readEnd, Fd writeEnd) implements AutoCloseable {
        @Override
        public void close() {
            readEnd.close();
            writeEnd.close();
        }
    }

    public void setNonBlocking(Fd fd) {
        long flags = kernel.call(SystemCall.FCNTL, fd, of(F_GETFL), NULL);
        kernel.call(SystemCall.FCNTL, fd, of(F_SETFL), of(flags | O_NONBLOCK));
    }

    /** A second descriptor of the same open file. */
    public Fd duplicate(Fd fd) {
        return kernel.open(SystemCall.FCNTL, fd, of(F_DUPFD_CLOEXEC), NULL);
    }

    /** An anonymous file in memory (memfd_create(2)). */
    public Fd memory(String name, int flags) {
        return kernel.open(SystemCall.MEMFD_CREATE, of(name), of(flags));
    }
}
