package io.berth.linux.file;

import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.SystemCallException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * How many bytes the files of a tree have: their sizes, or what they take on the disk. The tree may be a container's: nothing
 * recurses, so that no depth of it is too much for the stack. The directories on the way down are open meanwhile.
 */
public final class TreeSize implements AutoCloseable {

    /** Levels; what lies deeper has no path that anybody could use (PATH_MAX of linux/limits.h), and does not count. */
    private static final int DEEPEST = 2048;

    private record Level(Directory directory, Iterator<Directory.Entry> entries) {
    }

    private final Deque<Level> levels = new ArrayDeque<>();
    /** Bytes to count for one file or directory. */
    private final ToLongFunction<FileStatus> measure;
    private long sum;

    private TreeSize(ToLongFunction<FileStatus> measure) {
        this.measure = measure;
    }

    /** The sizes of all files below a directory that can be listed. What goes away meanwhile does not count. */
    public static long of(Directory directory) {
        return of(directory, status -> status.isDirectory() ? 0 : status.size());
    }

    /** What a directory and everything below it takes on the disk, as du(1) counts: a file with several names once. */
    public static long allocated(Directory directory) {
        Set<Long> linked = new HashSet<>();
        return of(directory, status -> status.isDirectory() || status.linkCount() == 1 || linked.add(status.inode()) ? status.allocated() : 0);
    }

    private static long of(Directory directory, ToLongFunction<FileStatus> measure) {
        try (TreeSize size = new TreeSize(measure)) {
            size.enter(directory.again());
            return size.count();
        }
    }

    private long count() {
        while (!levels.isEmpty()) {
            Level level = levels.peek();
            if (level.entries().hasNext()) {
                count(level.directory(), level.entries().next());
            } else {
                levels.pop().directory().close();
            }
        }
        return sum;
    }

    /** Counts a file; a directory is entered. */
    private void count(Directory directory, Directory.Entry entry) {
        try {
            if (!entry.isDirectory()) {
                sum += measure.applyAsLong(directory.status(entry.name()));
            } else if (levels.size() < DEEPEST) {
                enter(directory.directory(entry.name()));
            }
        } catch (SystemCallException failure) {
            // Also something else may have taken a directory's place.
            if (failure.errno() != Errno.ENOENT && failure.errno() != Errno.ENOTDIR && failure.errno() != Errno.ELOOP) {
                throw failure;
            }
        }
    }

    /** Takes the directory over. */
    private void enter(Directory directory) {
        try {
            sum += measure.applyAsLong(FileStatus.of(directory.kernel(), directory.fd()));
            levels.push(new Level(directory, directory.list().iterator()));
        } catch (RuntimeException failure) {
            directory.close();
            throw failure;
        }
    }

    @Override
    public void close() {
        levels.forEach(level -> level.directory().close());
    }
}
