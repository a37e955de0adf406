package io.berth.linux.file;

import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.SystemCallException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * How many bytes the files of a tree have: their sizes, not the blocks they take. The tree may be a container's: nothing
 * recurses, so that no depth of it is too much for the stack. The directories on the way down are open meanwhile.
 */
public final class TreeSize implements AutoCloseable {

    /** Levels; what lies deeper has no path that anybody could use (PATH_MAX of linux/limits.h), and does not count. */
    private static final int DEEPEST = 2048;

    private record Level(Directory directory, Iterator<Directory.Entry> entries) {
    }

    private final Deque<Level> levels = new ArrayDeque<>();

    private TreeSize() {
    }

    /** Of everything below a directory that can be listed. What goes away meanwhile does not count. */
    public static long of(Directory directory) {
        try (TreeSize size = new TreeSize()) {
            size.enter(directory.again());
            return size.count();
        }
    }

    private long count() {
        long sum = 0;
        while (!levels.isEmpty()) {
            Level level = levels.peek();
            if (level.entries().hasNext()) {
                sum += count(level.directory(), level.entries().next());
            } else {
                levels.pop().directory().close();
            }
        }
        return sum;
    }

    /** The size of a file; a directory is entered. */
    private long count(Directory directory, Directory.Entry entry) {
        try {
            if (!entry.isDirectory()) {
                return directory.status(entry.name()).size();
            }
            if (levels.size() < DEEPEST) {
                enter(directory.directory(entry.name()));
            }
        } catch (SystemCallException failure) {
            // Also something else may have taken a directory's place.
            if (failure.errno() != Errno.ENOENT && failure.errno() != Errno.ENOTDIR && failure.errno() != Errno.ELOOP) {
                throw failure;
            }
        }
        return 0;
    }

    /** Takes the directory over. */
    private void enter(Directory directory) {
        try {
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
