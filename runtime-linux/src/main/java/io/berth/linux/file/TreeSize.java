package io.berth.linux.file;

import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.SystemCallException;

/** How many bytes the files of a tree have: their sizes, not the blocks they take. */
public final class TreeSize {

    private TreeSize() {
    }

    /** Of everything below a directory that can be listed. What goes away meanwhile does not count. */
    public static long of(Directory directory) {
        long sum = 0;
        for (Directory.Entry entry : directory.list()) {
            try {
                if (entry.isDirectory()) {
                    try (Directory inner = directory.directory(entry.name())) {
                        sum += of(inner);
                    }
                } else {
                    sum += directory.status(entry.name()).size();
                }
            } catch (SystemCallException goneMeanwhile) {
                if (goneMeanwhile.errno() != Errno.ENOENT) {
                    throw goneMeanwhile;
                }
            }
        }
        return sum;
    }
}
