package io.berth.daemon.container;

import io.berth.linux.file.BytePath;
import io.berth.linux.file.FileStatus;
import io.berth.linux.file.RootedDirectory;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCallException;
import io.berth.linux.mount.PlannedMount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which of the paths below {@code /proc} and {@code /sys} that a container must not read or write there are. Of the kernel's own
 * they are the same in every container, so the host is asked, once a path; where something else was mounted in its place, that.
 */
final class ProcessFiles {

    private enum Kind { MISSING, FILE, DIRECTORY }

    private final Kernel kernel;
    private final Map<String, Kind> known = new ConcurrentHashMap<>();

    ProcessFiles(Kernel kernel) {
        this.kernel = kernel;
    }

    /**
     * Those that exist, and whether each is a directory.
     *
     * @param mounts of the container
     */
    Map<String, Boolean> present(List<String> paths, List<PlannedMount> mounts) {
        Map<String, Boolean> present = new LinkedHashMap<>();
        for (String path : paths) {
            Kind kind = kind(path, mounts);
            if (kind != Kind.MISSING) {
                present.put(path, kind == Kind.DIRECTORY);
            }
        }
        return present;
    }

    private Kind kind(String path, List<PlannedMount> mounts) {
        for (PlannedMount mount : mounts.reversed()) {
            if (mount instanceof PlannedMount.Prepared prepared && path.startsWith(prepared.destination() + "/")) {
                return look(prepared.mount(), path.substring(prepared.destination().length()));
            }
        }
        return known.computeIfAbsent(path, ProcessFiles::look);
    }

    private static Kind look(String text) {
        Path path = Path.of(text);
        return Files.isDirectory(path) ? Kind.DIRECTORY : Files.exists(path) ? Kind.FILE : Kind.MISSING;
    }

    private Kind look(Fd mount, String path) {
        try (RootedDirectory tree = RootedDirectory.container(kernel, new FileCalls(kernel).duplicate(mount));
                Fd found = tree.resolve(BytePath.of(path))) {
            return FileStatus.of(kernel, found).isDirectory() ? Kind.DIRECTORY : Kind.FILE;
        } catch (SystemCallException failure) {
            if (failure.errno() != Errno.ENOENT && failure.errno() != Errno.ENOTDIR && failure.errno() != Errno.ELOOP) {
                throw failure;
            }
            return Kind.MISSING;
        }
    }
}
