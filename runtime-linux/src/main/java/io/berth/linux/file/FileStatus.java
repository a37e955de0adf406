package io.berth.linux.file;

import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import java.nio.ByteBuffer;

/**
 * What statx(2) tells of a file.
 *
 * @param permissions the lower twelve bits of the mode, set-id and sticky bits included
 * @param size in bytes
 * @param allocated bytes that it takes on the disk
 * @param modifiedSeconds since 1970, and {@code modifiedNanos} on top
 * @param device the file system it is on, as (major &lt;&lt; 32 | minor)
 * @param deviceMajor of a device node, with {@code deviceMinor}; 0 for anything else
 */
public record FileStatus(FileType type, int permissions, int uid, int gid, long size, long allocated, long modifiedSeconds, int modifiedNanos,
        long device, long inode, int linkCount, int deviceMajor, int deviceMinor) {

    private static final int SIZE_OF_STATX = 256;
    private static final int STATX_BASIC_STATS = 0x7ff;
    /** The unit of stx_blocks, whatever the file system's own is. */
    private static final int BLOCK = 512;

    public boolean isDirectory() {
        return type == FileType.DIRECTORY;
    }

    /** Whether overlayfs takes this file for the absence of one: a character device 0/0. */
    public boolean isWhiteout() {
        return type == FileType.CHARACTER_DEVICE && deviceMajor == 0 && deviceMinor == 0;
    }

    /** Of an open file, O_PATH or not. */
    public static FileStatus of(Kernel kernel, Fd file) {
        return of(kernel, file, Argument.of(""), FileCalls.AT_EMPTY_PATH);
    }

    /** Of an entry of a directory; of a symbolic link, not of its target. */
    static FileStatus of(Kernel kernel, Fd directory, FileName name) {
        return of(kernel, directory, Argument.of(name.bytes()), FileCalls.AT_SYMLINK_NOFOLLOW);
    }

    private static FileStatus of(Kernel kernel, Fd directory, Argument name, int flags) {
        NativeBuffer statx = NativeBuffer.allocate(SIZE_OF_STATX);
        kernel.call(SystemCall.STATX, directory, name, Argument.of(flags), Argument.of(STATX_BASIC_STATS), statx);
        ByteBuffer b = statx.bytes();
        int mode = b.getShort(28) & 0xffff;
        return new FileStatus(FileType.ofMode(mode), mode & 07777, b.getInt(20), b.getInt(24), b.getLong(40), b.getLong(48) * BLOCK, b.getLong(112),
                b.getInt(120), (long) b.getInt(136) << 32 | b.getInt(140), b.getLong(32), b.getInt(16), b.getInt(128),
                b.getInt(132));
    }
}
