package io.berth.daemon.container;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * The lowest layer of every container's root: the directories and empty files that the engine mounts something on, and two
 * that programs look for. An image that has them too covers them. So a start makes nothing in the container's own directory,
 * and neither {@code docker diff} nor an image made from the container shows what only the engine needed.
 *
 * <p>Made when it is missing, by each daemon at its start.
 */
final class GroundLayer {

    private static final List<String> DIRECTORIES = List.of("dev", "dev/pts", "dev/shm", "etc", "proc", "sys");
    private static final List<String> FILES = List.of(".dockerenv", "dev/console", "etc/hostname", "etc/hosts", "etc/resolv.conf");
    private static final String PERMISSIONS = "rwxr-xr-x";

    private GroundLayer() {
    }

    /** @return {@code root} */
    static Path make(Path root) {
        try {
            makeDirectory(root);
            for (String directory : DIRECTORIES) {
                makeDirectory(root.resolve(directory));
            }
            for (String file : FILES) {
                if (!Files.exists(root.resolve(file))) {
                    Files.setPosixFilePermissions(Files.createFile(root.resolve(file)), PosixFilePermissions.fromString(PERMISSIONS));
                }
            }
            Path mounts = root.resolve("etc/mtab");
            if (!Files.exists(mounts, LinkOption.NOFOLLOW_LINKS)) {
                Files.createSymbolicLink(mounts, Path.of("/proc/mounts"));
            }
            return root;
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot make the ground of containers' file systems in " + root, failure);
        }
    }

    private static void makeDirectory(Path directory) throws IOException {
        Files.setPosixFilePermissions(Files.createDirectories(directory), PosixFilePermissions.fromString(PERMISSIONS));
    }
}
