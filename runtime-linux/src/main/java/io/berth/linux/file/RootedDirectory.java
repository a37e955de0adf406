package io.berth.linux.file;

import static io.berth.linux.kernel.Argument.of;
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
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.util.Arrays;
import java.util.List;

/**
 * A directory that is the whole world to the paths below it: the kernel resolves them (openat2(2), Linux 5.6) and keeps them
 * inside, even while somebody renames directories under its feet.
 *
 * <p>Two ways to resolve: a container's root ({@link #container}) has symbolic links that mean what they mean to a process in
 * there, {@code ..} stops at the root, and a path longer than 4095 bytes is refused, as it is in there; a tree that is being
 * unpacked ({@link #strict}) has no link and no {@code ..} followed at all, and a path may have any length.
 */
public final class RootedDirectory implements AutoCloseable {

    // linux/openat2.h
    private static final long RESOLVE_NO_MAGICLINKS = 0x02;
    private static final long RESOLVE_NO_SYMLINKS = 0x04;
    private static final long RESOLVE_BENEATH = 0x08;
    private static final long RESOLVE_IN_ROOT = 0x10;
    private static final int SIZE_OF_OPEN_HOW = 24;

    /** As many links as the kernel follows in one lookup (path_resolution(7)). */
    private static final int MOST_LINKS = 40;
    /** A lookup with {@code ..} that raced with a rename somewhere on the machine is answered with EAGAIN. */
    private static final int MOST_RACES = 128;
    private static final int NAMES_A_LOOKUP = 15;
    private static final int NEW_DIRECTORY_MODE = 0755;
    private static final int NEW_FILE_MODE = 0644;

    private final Kernel kernel;
    private final Directory root;
    private final long resolve;

    private RootedDirectory(Kernel kernel, Fd root, long resolve) {
        this.kernel = kernel;
        this.root = new Directory(kernel, root);
        this.resolve = resolve;
    }

    /** The root of a container. Takes over {@code root}, which may be O_PATH. */
    public static RootedDirectory container(Kernel kernel, Fd root) {
        return new RootedDirectory(kernel, root, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    }

    /** A tree in which no path goes through a symbolic link. Takes over {@code root}. */
    public static RootedDirectory strict(Kernel kernel, Fd root) {
        return new RootedDirectory(kernel, root, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
    }

    /** The root itself. Stays ours. */
    public Directory root() {
        return root;
    }

    /** Opens a path with flags of open(2), never creating it; follows a link at its end unless with O_NOFOLLOW. */
    public Fd open(BytePath path, int flags) {
        if (resolve == (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS)) {
            return openStrictly(path.names(), flags);
        }
        return openBelow(root.fd(), path.bytes(), flags);
    }

    /** The same by names alone, which no link or {@code ..} can lead astray in a {@link #strict} tree. */
    public Fd open(List<FileName> names, int flags) {
        return openStrictly(names, flags);
    }

    /** The directory that names lead to, which can be listed. */
    public Directory directory(List<FileName> names) {
        return new Directory(kernel, open(names, O_RDONLY | O_DIRECTORY));
    }

    public Kernel kernel() {
        return kernel;
    }

    /** A descriptor that stands for what the path leads to, as a mount's target for example, and opens nothing (O_PATH). */
    public Fd resolve(BytePath path) {
        return open(path, O_PATH);
    }

    /** The same for the link itself when the path ends in one. */
    public Fd resolveWithoutFollowing(BytePath path) {
        return open(path, O_PATH | O_NOFOLLOW);
    }

    /** The directory at a path, which can be listed. */
    public Directory directory(BytePath path) {
        return new Directory(kernel, open(path, O_RDONLY | O_DIRECTORY));
    }

    public FileStatus status(BytePath path) {
        try (Fd file = resolveWithoutFollowing(path)) {
            return FileStatus.of(kernel, file);
        }
    }

    /** What kind of thing a mount needs below it. */
    public enum MountPoint { DIRECTORY, FILE }

    /**
     * The place for a mount, with what is missing of it made: directories with mode 0755, a file with 0644 (before umask),
     * through symbolic links of this root, also those that lead to nothing yet. One system call when everything is there.
     *
     * @return an O_PATH descriptor; when something else than {@code kind} is already there, of that
     */
    public Fd createMountPoint(BytePath path, MountPoint kind) {
        return openOrMake(path, kind, O_PATH, 0);
    }

    /** The directory at a path, made with its missing parents as in {@link #createMountPoint}. */
    public Directory makeDirectories(BytePath path) {
        return new Directory(kernel, openOrMake(path, MountPoint.DIRECTORY, O_RDONLY | O_DIRECTORY, 0));
    }

    private Fd openOrMake(BytePath path, MountPoint kind, int flags, int links) {
        try {
            return open(path, flags);
        } catch (SystemCallException missing) {
            if (missing.errno() != Errno.ENOENT || path.parts().isEmpty()) {
                throw missing;
            }
            if (links > MOST_LINKS) {
                throw new SystemCallException(SystemCall.OPENAT2, Errno.ELOOP, root.fd(), of(path.bytes()));
            }
        }
        List<byte[]> parts = path.parts();
        BytePath parentPath = BytePath.ofParts(parts.subList(0, parts.size() - 1));
        try (Directory parent = new Directory(kernel,
                openOrMake(parentPath, MountPoint.DIRECTORY, O_PATH | O_DIRECTORY, links))) {
            byte[] last = parts.getLast();
            if (!FileName.isDots(last) && !made(parent, FileName.of(last), kind)) {
                byte[] target = parent.readLink(FileName.of(last));
                BytePath followed = target[0] == '/' ? BytePath.of(target) : parentPath.resolve(target);
                return openOrMake(followed, kind, flags, links + 1);
            }
        }
        return open(path, flags);
    }

    /** False when a link that leads to nothing is in the way. */
    private boolean made(Directory parent, FileName name, MountPoint kind) {
        try {
            switch (kind) {
                case DIRECTORY -> parent.makeDirectory(name, NEW_DIRECTORY_MODE);
                case FILE -> parent.open(name, O_WRONLY | O_CREAT | O_EXCL, NEW_FILE_MODE).close();
            }
            return true;
        } catch (SystemCallException taken) {
            if (taken.errno() != Errno.EEXIST) {
                throw taken;
            }
            return parent.status(name).type() != FileType.SYMBOLIC_LINK;
        }
    }

    /** Goes down a few names at a time (each has at most 255 bytes), so that PATH_MAX never matters. */
    private Fd openStrictly(List<FileName> names, int flags) {
        Fd at = root.fd();
        try {
            int done = 0;
            while (names.size() - done > NAMES_A_LOOKUP) {
                Fd next = openBelow(at, join(names.subList(done, done + NAMES_A_LOOKUP)), O_PATH | O_DIRECTORY);
                done += NAMES_A_LOOKUP;
                closeUnlessRoot(at);
                at = next;
            }
            return openBelow(at, join(names.subList(done, names.size())), flags);
        } finally {
            closeUnlessRoot(at);
        }
    }

    private void closeUnlessRoot(Fd fd) {
        if (fd != root.fd()) {
            fd.close();
        }
    }

    private static byte[] join(List<FileName> names) {
        if (names.isEmpty()) {
            return new byte[] {'.'};
        }
        byte[] absolute = BytePath.ofParts(names.stream().map(FileName::bytes).toList()).bytes();
        return Arrays.copyOfRange(absolute, 1, absolute.length);
    }

    private Fd openBelow(Fd directory, byte[] path, int flags) {
        NativeBuffer how = NativeBuffer.allocate(SIZE_OF_OPEN_HOW);
        how.bytes().putLong(0, flags | O_CLOEXEC).putLong(8, 0).putLong(16, resolve);
        for (int race = 0;; race++) {
            try {
                return kernel.open(SystemCall.OPENAT2, directory, of(path), how, of(SIZE_OF_OPEN_HOW));
            } catch (SystemCallException failure) {
                if (failure.errno() != Errno.EAGAIN || race == MOST_RACES) {
                    throw failure;
                }
            }
        }
    }

    @Override
    public void close() {
        root.close();
    }
}
