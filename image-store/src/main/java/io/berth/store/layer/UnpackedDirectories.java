package io.berth.store.layer;

import io.berth.linux.file.Directory;
import io.berth.linux.file.FileName;
import io.berth.linux.file.FileStatus;
import io.berth.linux.file.RootedDirectory;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCallException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The directories of a layer that is being unpacked: finds or makes the parent of each member, keeps the last one open, since
 * the next member is mostly beside it, and remembers the directories' times, which are set when nothing changes them any more.
 */
final class UnpackedDirectories implements AutoCloseable {

    /** Makes a directory of something else that has its name. */
    interface Replacing {
        void replace(Directory parent, FileName name, FileStatus there);
    }

    private record Times(long seconds, int nanos) {}

    private final RootedDirectory layer;
    private final Replacing replacing;
    private final Map<List<FileName>, Times> times = new LinkedHashMap<>();
    private List<FileName> openNames = List.of();
    private Directory open;

    UnpackedDirectories(Kernel kernel, Directory root, Replacing replacing) {
        this.layer = RootedDirectory.strict(kernel, root.again().fd());
        this.replacing = replacing;
    }

    Directory root() {
        return layer.root();
    }

    /** The directory that holds the last of {@code names}; missing ones are made with mode 0755. Stays ours. */
    Directory parent(List<FileName> names) {
        List<FileName> parent = names.subList(0, names.size() - 1);
        if (parent.isEmpty()) {
            return layer.root();
        }
        if (open == null || !parent.equals(openNames)) {
            closeOpen();
            open = openOrMake(parent);
            openNames = List.copyOf(parent);
        }
        return open;
    }

    /** A directory that is there already; the caller's to close. */
    Directory existing(List<FileName> names) {
        return layer.directory(names);
    }

    private Directory openOrMake(List<FileName> names) {
        try {
            return layer.directory(names);
        } catch (SystemCallException missing) {
            if (missing.errno() != Errno.ENOENT && missing.errno() != Errno.ENOTDIR) {
                throw missing;
            }
        }
        Directory at = layer.root().again();
        for (FileName name : names) {
            Directory above = at;
            try (above) {
                at = openOrMake(above, name);
            }
        }
        return at;
    }

    private Directory openOrMake(Directory parent, FileName name) {
        try {
            parent.makeDirectory(name, 0755);
            parent.setPermissions(name, 0755);
        } catch (SystemCallException taken) {
            if (taken.errno() != Errno.EEXIST) {
                throw taken;
            }
            FileStatus there = parent.status(name);
            if (there.isWhiteout()) {
                replacing.replace(parent, name, there);
            }
        }
        return parent.directory(name);
    }

    /** Something else takes the place of this and of all below it. */
    void forget(List<FileName> names) {
        times.keySet().removeIf(known -> startsWith(known, names));
        if (startsWith(openNames, names)) {
            closeOpen();
        }
    }

    private static boolean startsWith(List<FileName> path, List<FileName> beginning) {
        return path.size() >= beginning.size() && path.subList(0, beginning.size()).equals(beginning);
    }

    void setTimesLater(List<FileName> names, TarEntry entry) {
        times.put(List.copyOf(names), new Times(entry.modifiedSeconds(), entry.modifiedNanos()));
    }

    void setTimes() {
        times.forEach((names, time) -> {
            try (Fd directory = layer.open(names, FileCalls.O_RDONLY | FileCalls.O_DIRECTORY)) {
                FileAttributes.setTimes(layer.kernel(), directory, time.seconds(), time.nanos());
            }
        });
    }

    private void closeOpen() {
        if (open != null) {
            open.close();
            open = null;
            openNames = List.of();
        }
    }

    @Override
    public void close() {
        closeOpen();
        layer.close();
    }
}
