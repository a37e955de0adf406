package io.berth.linux.file;

import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.SystemCallException;
import java.util.function.BooleanSupplier;

/**
 * Removes a tree of any depth with two open directories and no path: a directory that is not empty hands its own
 * subdirectories up to the top of the tree, where they wait their turn, and is then removed. Nothing recurses, so neither the
 * stack nor the number of descriptors nor PATH_MAX limits what can be removed.
 *
 * <p>A mount point below is never entered or removed: the kernel answers EBUSY or EXDEV, and that is thrown. A removal that was
 * cut short leaves a tree of another shape, which can be removed in the same way.
 */
final class TreeRemoval {

    private final Directory parent;
    private final BooleanSupplier stop;
    private long waiting;

    /** @param stop asked before each file; true ends the work early */
    TreeRemoval(Directory parent, BooleanSupplier stop) {
        this.parent = parent;
        this.stop = stop;
    }

    /** False when it was stopped. */
    boolean remove(FileName name) {
        if (!parent.status(name).isDirectory()) {
            parent.unlink(name);
            return true;
        }
        if (removedWhenEmpty(parent, name)) {
            return true;
        }
        try (Directory top = parent.directory(name)) {
            boolean more = true;
            while (more) {
                more = false;
                for (Directory.Entry entry : top.list()) {
                    more = true;
                    if (!removeEntry(top, entry)) {
                        return false;
                    }
                }
            }
        }
        parent.removeDirectory(name);
        return true;
    }

    private boolean removeEntry(Directory top, Directory.Entry entry) {
        if (!entry.isDirectory()) {
            top.unlink(entry.name());
        } else if (!removedWhenEmpty(top, entry.name())) {
            try (Directory directory = top.directory(entry.name())) {
                for (Directory.Entry below : directory.list()) {
                    if (stop.getAsBoolean()) {
                        return false;
                    }
                    if (!below.isDirectory()) {
                        directory.unlink(below.name());
                    } else if (!removedWhenEmpty(directory, below.name())) {
                        handUp(directory, below.name(), top);
                    }
                }
            }
            top.removeDirectory(entry.name());
        }
        return !stop.getAsBoolean();
    }

    private static boolean removedWhenEmpty(Directory directory, FileName name) {
        try {
            directory.removeDirectory(name);
            return true;
        } catch (SystemCallException notEmpty) {
            if (notEmpty.errno() == Errno.ENOTEMPTY || notEmpty.errno() == Errno.EEXIST) {
                return false;
            }
            throw notEmpty;
        }
    }

    private void handUp(Directory from, FileName name, Directory top) {
        while (true) {
            try {
                from.rename(name, top, FileName.of(".removed-" + waiting++), Directory.RENAME_NOREPLACE);
                return;
            } catch (SystemCallException taken) {
                if (taken.errno() != Errno.EEXIST) {
                    throw taken;
                }
            }
        }
    }
}
