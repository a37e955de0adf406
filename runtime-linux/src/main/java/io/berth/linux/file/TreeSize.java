package io.berth.linux.file;

import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.SystemCallException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * How many bytes the files of a tree have: their sizes, not the blocks they take. The tree may be a container's: one directory
 * is open at a time and nothing recurses, so that no depth of it is too much.
 */
public final class TreeSize {

    /** Of names; what lies deeper has no path that anybody could use (PATH_MAX of linux/limits.h), and does not count. */
    private static final int DEEPEST = 2048;

    private TreeSize() {
    }

    /** Of everything below a directory that can be listed. What goes away meanwhile does not count. */
    public static long of(Directory directory) {
        Deque<List<FileName>> waiting = new ArrayDeque<>();
        try (RootedDirectory tree = RootedDirectory.strict(directory.kernel(), directory.again().fd())) {
            long sum = add(tree.root(), List.of(), waiting);
            while (!waiting.isEmpty()) {
                List<FileName> path = waiting.pop();
                try (Directory inner = tree.directory(path)) {
                    sum += add(inner, path, waiting);
                } catch (SystemCallException failure) {
                    passIfGone(failure);
                }
            }
            return sum;
        }
    }

    /** The files of one directory; its directories are to be counted later. */
    private static long add(Directory directory, List<FileName> path, Deque<List<FileName>> waiting) {
        long sum = 0;
        for (Directory.Entry entry : directory.list()) {
            try {
                if (!entry.isDirectory()) {
                    sum += directory.status(entry.name()).size();
                } else if (path.size() < DEEPEST) {
                    List<FileName> below = new ArrayList<>(path);
                    below.add(entry.name());
                    waiting.push(below);
                }
            } catch (SystemCallException failure) {
                passIfGone(failure);
            }
        }
        return sum;
    }

    /** Also something else may have taken a directory's place. */
    private static void passIfGone(SystemCallException failure) {
        if (failure.errno() != Errno.ENOENT && failure.errno() != Errno.ENOTDIR && failure.errno() != Errno.ELOOP) {
            throw failure;
        }
    }
}
