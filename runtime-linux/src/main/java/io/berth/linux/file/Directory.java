package io.berth.linux.file;

import static io.berth.linux.kernel.Argument.NULL;
import static io.berth.linux.kernel.Argument.of;
import static io.berth.linux.kernel.FileCalls.AT_SYMLINK_NOFOLLOW;
import static io.berth.linux.kernel.FileCalls.O_CLOEXEC;
import static io.berth.linux.kernel.FileCalls.O_CREAT;
import static io.berth.linux.kernel.FileCalls.O_DIRECTORY;
import static io.berth.linux.kernel.FileCalls.O_EXCL;
import static io.berth.linux.kernel.FileCalls.O_NOFOLLOW;
import static io.berth.linux.kernel.FileCalls.O_PATH;
import static io.berth.linux.kernel.FileCalls.O_RDONLY;
import static io.berth.linux.kernel.FileCalls.O_WRONLY;

import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * One open directory and what can be done to its entries by name. No operation follows a symbolic link, and a name is a
 * single component, so nothing outside this directory can be reached through it, whatever somebody else does to the tree
 * meanwhile.
 *
 * <p>Modes given here are subject to the process's umask, except in {@link #setPermissions}.
 */
public final class Directory implements AutoCloseable {

    /** renameat2(2): fail when the new name exists. */
    public static final int RENAME_NOREPLACE = 1;
    /** renameat2(2): both names exist, and change places in one step. */
    public static final int RENAME_EXCHANGE = 2;

    private static final int LISTING_SIZE = 8 * 1024;
    private static final int LONGEST_LINK = 4096;

    private final Kernel kernel;
    private final Fd fd;

    /** Takes over {@code fd}, which is open for reading when entries shall be listed, else O_PATH will do. */
    public Directory(Kernel kernel, Fd fd) {
        this.kernel = kernel;
        this.fd = fd;
    }

    /** Opens a directory of the daemon's own; never one that a container or an image names. */
    public static Directory open(Kernel kernel, String path) {
        return new Directory(kernel, new FileCalls(kernel).open(path, O_RDONLY | O_DIRECTORY, 0));
    }

    /** The directory a descriptor stands for (O_PATH), open to be listed; the descriptor stays the caller's. */
    public static Directory at(Kernel kernel, Fd directory) {
        return new Directory(kernel, kernel.open(SystemCall.OPENAT, directory, of("."), of(O_RDONLY | O_DIRECTORY | O_CLOEXEC), NULL));
    }

    /** An entry and its kind. */
    public record Entry(FileName name, FileType type) {
        public boolean isDirectory() {
            return type == FileType.DIRECTORY;
        }
    }

    public Fd fd() {
        return fd;
    }

    public Kernel kernel() {
        return kernel;
    }

    /** A new regular file, open for writing. */
    public Fd createFile(FileName name, int mode) {
        return open(name, O_WRONLY | O_CREAT | O_EXCL, mode);
    }

    /** Opens an entry with flags of open(2); a symbolic link gives ELOOP unless with O_PATH. */
    public Fd open(FileName name, int flags, int mode) {
        return kernel.open(SystemCall.OPENAT, fd, of(name.bytes()), of(flags | O_NOFOLLOW | O_CLOEXEC), of(mode));
    }

    /** A descriptor that stands for the entry, whatever its kind, and opens nothing. */
    public Fd openPath(FileName name) {
        return open(name, O_PATH, 0);
    }

    /** The directory below, which can be listed. */
    public Directory directory(FileName name) {
        return new Directory(kernel, open(name, O_RDONLY | O_DIRECTORY, 0));
    }

    public void makeDirectory(FileName name, int mode) {
        kernel.call(SystemCall.MKDIRAT, fd, of(name.bytes()), of(mode));
    }

    /** A device node, fifo or socket. */
    public void makeNode(FileName name, FileType type, int mode, int major, int minor) {
        kernel.call(SystemCall.MKNODAT, fd, of(name.bytes()), of(type.modeBits() | mode), of(deviceNumber(major, minor)));
    }

    public void makeSymbolicLink(FileName name, byte[] target) {
        kernel.call(SystemCall.SYMLINKAT, of(target), fd, of(name.bytes()));
    }

    /** One more name here for the file that {@code existing} names in {@code from}. */
    public void link(FileName name, Directory from, FileName existing) {
        kernel.call(SystemCall.LINKAT, from.fd, of(existing.bytes()), fd, of(name.bytes()), NULL);
    }

    public void rename(FileName name, Directory to, FileName newName, int flags) {
        kernel.call(SystemCall.RENAMEAT2, fd, of(name.bytes()), to.fd, of(newName.bytes()), of(flags));
    }

    /** Removes anything but a directory. */
    public void unlink(FileName name) {
        kernel.call(SystemCall.UNLINKAT, fd, of(name.bytes()), NULL);
    }

    public void removeDirectory(FileName name) {
        kernel.call(SystemCall.UNLINKAT, fd, of(name.bytes()), of(FileCalls.AT_REMOVEDIR));
    }

    /** Removes the entry and, when it is a directory, everything below it; see {@link TreeRemoval}. */
    public void removeTree(FileName name) {
        removeTree(name, () -> false);
    }

    /**
     * The same, until told to stop.
     *
     * @param stop asked before each file; true leaves the rest for another time
     * @return whether all of it is gone
     */
    public boolean removeTree(FileName name, BooleanSupplier stop) {
        return new TreeRemoval(this, stop).remove(name);
    }

    public FileStatus status(FileName name) {
        return FileStatus.of(kernel, fd, name);
    }

    /** The status, or nothing when there is no such entry. */
    public Optional<FileStatus> find(FileName name) {
        try {
            return Optional.of(status(name));
        } catch (SystemCallException absent) {
            if (absent.errno() == Errno.ENOENT) {
                return Optional.empty();
            }
            throw absent;
        }
    }

    public byte[] readLink(FileName name) {
        NativeBuffer target = NativeBuffer.allocate(LONGEST_LINK);
        long length = kernel.call(SystemCall.READLINKAT, fd, of(name.bytes()), target, of(LONGEST_LINK));
        return target.copy(0, (int) length);
    }

    public void setOwner(FileName name, int uid, int gid) {
        kernel.call(SystemCall.FCHOWNAT, fd, of(name.bytes()), of(uid), of(gid), of(AT_SYMLINK_NOFOLLOW));
    }

    /** chmod(2) without following a link: fchmodat cannot do that before Linux 6.6, so it goes through an O_PATH descriptor. */
    public void setPermissions(FileName name, int permissions) {
        try (Fd file = openPath(name)) {
            kernel.call(SystemCall.FCHMODAT, of(FileCalls.AT_FDCWD), of(file.path()), of(permissions));
        }
    }

    /** Sets both the access and the modification time. */
    public void setTimes(FileName name, long seconds, int nanos) {
        kernel.call(SystemCall.UTIMENSAT, fd, of(name.bytes()), times(seconds, nanos), of(AT_SYMLINK_NOFOLLOW));
    }

    /** Two struct timespec of the same time, for utimensat(2). */
    public static NativeBuffer times(long seconds, int nanos) {
        NativeBuffer times = NativeBuffer.allocate(32);
        times.bytes().putLong(0, seconds).putLong(8, nanos).putLong(16, seconds).putLong(24, nanos);
        return times;
    }

    /** The entries as they are now, without {@code .} and {@code ..}, in no order; none of a directory that has been removed. */
    public List<Entry> list() {
        List<Entry> entries = new ArrayList<>();
        NativeBuffer buffer = NativeBuffer.allocate(LISTING_SIZE);
        kernel.call(SystemCall.LSEEK, fd, NULL, NULL);
        int length;
        while ((length = read(buffer)) > 0) {
            readEntries(buffer, length, entries);
        }
        return entries;
    }

    private int read(NativeBuffer entries) {
        try {
            return (int) kernel.call(SystemCall.GETDENTS64, fd, entries, of(LISTING_SIZE));
        } catch (SystemCallException failure) {
            if (failure.errno() == Errno.ENOENT) {
                return 0; // it has been removed (getdents(2))
            }
            throw failure;
        }
    }

    /** struct linux_dirent64: inode 8, offset 8, record length 2, type 1, name. */
    private void readEntries(NativeBuffer buffer, int length, List<Entry> into) {
        ByteBuffer bytes = buffer.bytes();
        for (int at = 0; at < length; at += Short.toUnsignedInt(bytes.getShort(at + 16))) {
            byte[] name = buffer.text(at + 19);
            if (!FileName.isDots(name)) {
                byte type = bytes.get(at + 18);
                FileName fileName = FileName.of(name);
                into.add(new Entry(fileName, FileType.ofEntry(type).orElseGet(() -> status(fileName).type())));
            }
        }
    }

    /** Another descriptor of the same directory, to be closed by its owner. */
    public Directory again() {
        return at(kernel, fd);
    }

    /** The kernel's encoding of a device number in mknod(2), good for 12 bits of major and 20 of minor. */
    private static long deviceNumber(int major, int minor) {
        return (minor & 0xffL) | (major & 0xfffL) << 8 | (minor & 0xfff00L) << 12;
    }

    @Override
    public void close() {
        fd.close();
    }
}
