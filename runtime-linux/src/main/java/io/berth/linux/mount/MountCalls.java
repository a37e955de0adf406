package io.berth.linux.mount;

import static io.berth.linux.kernel.Argument.NULL;
import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.nio.charset.StandardCharsets;

/**
 * The mount calls: fsopen(2), fsconfig(2), fsmount(2), open_tree(2), move_mount(2), mount_setattr(2) (kernel 5.2, the last
 * 5.12). A detached mount is attached nowhere and goes away with its descriptor, so nothing has to be undone.
 */
public final class MountCalls {

    // linux/mount.h
    public static final long ATTR_READ_ONLY = 1;
    public static final long ATTR_NO_SUID = 2;
    public static final long ATTR_NO_DEVICES = 4;
    public static final long ATTR_NO_EXEC = 8;
    public static final long ATTR_STRICT_ATIME = 0x20;
    public static final int MOVE_MOUNT_F_EMPTY_PATH = 0x4;
    public static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;
    public static final long MS_RDONLY = 1;
    public static final long MS_NOSUID = 2;
    public static final long MS_NODEV = 4;
    public static final long MS_NOEXEC = 8;
    public static final long MS_REMOUNT = 0x20;
    public static final long MS_BIND = 0x1000;
    public static final long MS_REC = 0x4000;
    public static final long MS_PRIVATE = 1 << 18;
    public static final long MS_SLAVE = 1 << 19;
    public static final long MS_SHARED = 1 << 20;
    public static final long MNT_DETACH = 2;

    private static final int FSOPEN_CLOEXEC = 1;
    private static final int FSMOUNT_CLOEXEC = 1;
    private static final int FSCONFIG_SET_FLAG = 0;
    private static final int FSCONFIG_SET_STRING = 1;
    private static final int FSCONFIG_CMD_CREATE = 6;
    public static final int OPEN_TREE_CLONE = 1;
    private static final int AT_RECURSIVE = 0x8000;

    private final Kernel kernel;

    public MountCalls(Kernel kernel) {
        this.kernel = kernel;
    }

    /** A file system being configured. Close it when the mount is made. */
    public final class Context implements AutoCloseable {
        private final String type;
        private final Fd fd;

        private Context(String type) {
            this.type = type;
            this.fd = kernel.open(SystemCall.FSOPEN, of(type), of(FSOPEN_CLOEXEC));
        }

        /** Sets an option; the kernel takes values of at most 255 bytes. */
        public Context set(String key, String value) {
            return configure(FSCONFIG_SET_STRING, of(key), of(value));
        }

        public Context set(String flag) {
            return configure(FSCONFIG_SET_FLAG, of(flag), NULL);
        }

        /** Makes the file system and a detached mount of it. */
        public Fd mount(long attributes) {
            configure(FSCONFIG_CMD_CREATE, NULL, NULL);
            return kernel.open(SystemCall.FSMOUNT, fd, of(FSMOUNT_CLOEXEC), of(attributes));
        }

        private Context configure(int command, Argument key, Argument value) {
            try {
                kernel.call(SystemCall.FSCONFIG, fd, of(command), key, value, NULL);
                return this;
            } catch (SystemCallException failure) {
                throw new MountFailure("configure a file system of type " + type + explanation(), failure);
            }
        }

        /** The kernel's own words about the last error, which it keeps in the context (a line such as "e overlay: …"). */
        private String explanation() {
            NativeBuffer line = NativeBuffer.allocate(1024);
            try {
                int length = new FileCalls(kernel).read(fd, line, 0, line.size());
                return " (" + new String(line.copy(0, length), StandardCharsets.UTF_8).strip() + ")";
            } catch (SystemCallException none) {
                if (none.errno() != Errno.ENODATA) {
                    throw none;
                }
                return "";
            }
        }

        @Override
        public void close() {
            fd.close();
        }
    }

    public Context open(String type) {
        return new Context(type);
    }

    /** A detached copy of the mount at {@code path}, with all that is mounted below it when {@code recursive}. */
    public Fd copyTree(byte[] path, boolean recursive) {
        int flags = OPEN_TREE_CLONE | FileCalls.O_CLOEXEC | (recursive ? AT_RECURSIVE : 0);
        return kernel.open(SystemCall.OPEN_TREE, of(FileCalls.AT_FDCWD), of(path), of(flags));
    }

    /** The same of an open file or directory. */
    public Fd copyTree(Fd file) {
        return copyTree(file, false);
    }

    public Fd copyTree(Fd file, boolean recursive) {
        return kernel.open(SystemCall.OPEN_TREE, file, of(""),
                of(OPEN_TREE_CLONE | FileCalls.O_CLOEXEC | FileCalls.AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0)));
    }

    /**
     * Changes a mount's attributes and its propagation (mount_setattr(2)).
     *
     * @param propagation MS_PRIVATE, MS_SLAVE, MS_SHARED or 0 to leave it
     */
    public void setAttributes(Fd mount, long attributes, long propagation, boolean recursive) {
        NativeBuffer change = attributes(attributes, 0, propagation);
        kernel.call(SystemCall.MOUNT_SETATTR, mount, of(""),
                of(FileCalls.AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0)), change, of(change.size()));
    }

    /** Takes attributes away from a mount. */
    public void clearAttributes(Fd mount, long attributes) {
        NativeBuffer change = attributes(0, attributes, 0);
        kernel.call(SystemCall.MOUNT_SETATTR, mount, of(""), of(FileCalls.AT_EMPTY_PATH), change, of(change.size()));
    }

    /** struct mount_attr: what to set, what to clear, the propagation, a user namespace. */
    static NativeBuffer attributes(long set, long clear, long propagation) {
        NativeBuffer change = NativeBuffer.allocate(32);
        change.bytes().putLong(0, set).putLong(8, clear).putLong(16, propagation);
        return change;
    }

    /** Attaches a detached mount at {@code target} in this thread's mount namespace. */
    public void attach(Fd mount, String target) {
        kernel.call(SystemCall.MOVE_MOUNT, mount, of(""), of(FileCalls.AT_FDCWD), of(target), of(MOVE_MOUNT_F_EMPTY_PATH));
    }

    /** mount(2), for what the new calls cannot do on every kernel we run on. */
    public void mount(String source, String target, String type, long flags, String options) {
        kernel.call(SystemCall.MOUNT, of(source), of(target), of(type), of(flags), of(options));
    }

    public void unmount(String target) {
        kernel.call(SystemCall.UMOUNT2, of(target), of(MNT_DETACH));
    }
}
