package io.berth.daemon.volume;

import io.berth.api.http.ApiException;
import io.berth.linux.file.Directory;
import io.berth.linux.file.FileName;
import io.berth.linux.file.FileStatus;
import io.berth.linux.file.TreeCopy;
import io.berth.linux.file.TreeSize;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where volumes' content is: {@code volumes/NAME/_data} below the data root. Names of volumes never begin with a dot, so
 * {@code volumes/.trash} is for what is on its way out.
 */
final class VolumeDirectories {

    private static final Logger LOG = LoggerFactory.getLogger(VolumeDirectories.class);
    private static final FileName DATA = FileName.of("_data");
    private static final FileName COPYING = FileName.of("_copying");
    private static final String ADOPTED = "adopted";

    /** Said outright: a start asks for a directory that was lost on a thread without a file mode mask. */
    private static final FileAttribute<?> USUAL_MODE = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x"));

    private final Kernel kernel;
    private final Path volumes;
    private final Path trash;

    VolumeDirectories(Kernel kernel, Path dataRoot) {
        this.kernel = kernel;
        this.volumes = dataRoot.resolve("volumes");
        this.trash = volumes.resolve(".trash");
        try {
            Files.createDirectories(trash);
            // Only root gets to volumes' files from the host, some of which may be set-uid.
            Files.setPosixFilePermissions(volumes, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException failure) {
            throw new UncheckedIOException("make the directory " + trash, failure);
        }
    }

    Path content(VolumeName name) {
        return directory(name).resolve(DATA.toString());
    }

    /** The same without links on the way, as the kernel tells of mounts. */
    String real(VolumeName name) {
        try {
            return volumes.toRealPath().resolve(name.text()).resolve(DATA.toString()).toString();
        } catch (IOException failure) {
            throw new UncheckedIOException("find the directory " + volumes, failure);
        }
    }

    /** Copies a tree into a directory, wherever it is, if that is empty. */
    void fill(Path directory, Directory from) {
        try (Directory data = Directory.open(kernel, directory.toString())) {
            if (data.list().isEmpty()) {
                TreeCopy.copy(kernel, from, data);
            }
        }
    }

    private Path directory(VolumeName name) {
        return volumes.resolve(name.text());
    }

    /** Makes a volume's directory unless it is there. */
    void make(VolumeName name) {
        try {
            Files.createDirectories(content(name), USUAL_MODE);
        } catch (IOException failure) {
            throw new UncheckedIOException("make the directory of volume " + name, failure);
        }
    }

    /**
     * Makes the content of another engine's volume that of a volume here, which no record knows yet. What is copied is set aside until it is
     * complete; what is moved is set aside too, and an interrupted move goes on from there: nothing else has that content then. A mark
     * in the directory tells the next attempt that it is this one's.
     */
    void adopt(VolumeName name, Path content, boolean move) {
        if (Files.exists(directory(name))) {
            if (Files.exists(directory(name).resolve(ADOPTED))) {
                return;
            }
            throw ApiException.conflict("the directory " + directory(name) + " is there and belongs to no volume: move it away first");
        }
        Path moving = volumes.resolve(".moving").resolve(name.text());
        try {
            Path aside = Files.exists(moving.resolve(DATA.toString())) || move && moved(content, moving) ? moving : copied(name, content);
            Files.writeString(aside.resolve(ADOPTED), content.toString());
            kernel.call(SystemCall.SYNC);
            Files.move(aside, directory(name));
            if (move && aside != moving) {
                removeMoved(content); // it was copied to another disk, and is durable there
            }
        } catch (IOException failure) {
            throw new UncheckedIOException("take over the content " + content, failure);
        }
    }

    private static boolean moved(Path content, Path aside) throws IOException {
        Files.createDirectories(aside);
        try {
            Files.move(content, aside.resolve(DATA.toString()), StandardCopyOption.ATOMIC_MOVE);
            return true;
        } catch (AtomicMoveNotSupportedException otherDisk) {
            Files.delete(aside);
            return false;
        }
    }

    private Path copied(VolumeName name, Path content) throws IOException {
        Path aside = Files.createDirectories(volumes.resolve(".copying"));
        try (Directory all = Directory.open(kernel, aside.toString()); Directory from = Directory.open(kernel, content.toString())) {
            if (all.find(FileName.of(name.text())).isPresent()) {
                all.removeTree(FileName.of(name.text()));
            }
            Path data = Files.createDirectories(aside.resolve(name.text()).resolve(DATA.toString()));
            try (Directory to = Directory.open(kernel, data.toString())) {
                TreeCopy.copy(kernel, from, to);
            }
        }
        return aside.resolve(name.text());
    }

    private void removeMoved(Path content) {
        try (Directory volume = Directory.open(kernel, content.getParent().toString())) {
            volume.removeTree(DATA);
        }
    }

    /** The volume has its record. */
    void adopted(VolumeName name) {
        try {
            Files.deleteIfExists(directory(name).resolve(ADOPTED));
        } catch (IOException failure) {
            throw new UncheckedIOException("delete the mark in the directory of volume " + name, failure);
        }
    }

    boolean isThere(VolumeName name) {
        return Files.exists(directory(name));
    }

    /** Takes a volume's directory away and deletes it. */
    void remove(VolumeName name) {
        if (Files.exists(directory(name))) {
            try {
                Files.move(directory(name), trash.resolve(UUID.randomUUID().toString()));
            } catch (IOException failure) {
                throw new UncheckedIOException("remove the directory of volume " + name, failure);
            }
            emptyTrash();
        }
    }

    /** What cannot be removed, an immutable file for example, keeps nothing else from going. */
    void emptyTrash() {
        try (Directory directory = Directory.open(kernel, trash.toString())) {
            for (Directory.Entry entry : directory.list()) {
                try {
                    directory.removeTree(entry.name());
                } catch (SystemCallException failure) {
                    LOG.warn("files of a removed volume are left in {}", trash, failure);
                }
            }
        }
    }

    /** In bytes. */
    long size(VolumeName name) {
        try (Directory content = Directory.open(kernel, content(name).toString())) {
            return TreeSize.of(content);
        }
    }

    boolean isEmpty(VolumeName name) {
        try (Directory content = Directory.open(kernel, content(name).toString())) {
            return content.list().isEmpty();
        }
    }

    /** Copies a tree to where a crash leaves it without harm; {@link #moveCopyIn} makes it the content. */
    void copyAside(VolumeName name, Directory from) {
        try (Directory volume = Directory.open(kernel, directory(name).toString())) {
            if (volume.find(COPYING).isPresent()) {
                volume.removeTree(COPYING);
            }
            volume.makeDirectory(COPYING, 0700);
            try (Directory copying = volume.directory(COPYING)) {
                TreeCopy.copy(kernel, from, copying);
            }
        }
    }

    /**
     * Makes the copy the content of a volume that is empty.
     *
     * @param alone whether nobody else can have the directory mounted: then it is replaced as a whole, by one rename
     */
    void moveCopyIn(VolumeName name, boolean alone) {
        try (Directory volume = Directory.open(kernel, directory(name).toString())) {
            if (!alone || !replaced(volume)) {
                moveEntries(volume);
            }
        }
    }

    private static boolean replaced(Directory volume) {
        try {
            volume.rename(COPYING, volume, DATA, 0);
            return true;
        } catch (SystemCallException notEmpty) {
            if (notEmpty.errno() != Errno.ENOTEMPTY && notEmpty.errno() != Errno.EEXIST) {
                throw notEmpty;
            }
            return false;
        }
    }

    /** Beside what others put there meanwhile, and never over it. */
    private static void moveEntries(Directory volume) {
        try (Directory copying = volume.directory(COPYING); Directory data = volume.directory(DATA)) {
            for (Directory.Entry entry : copying.list()) {
                try {
                    copying.rename(entry.name(), data, entry.name(), Directory.RENAME_NOREPLACE);
                } catch (SystemCallException taken) {
                    if (taken.errno() != Errno.EEXIST) {
                        throw taken;
                    }
                }
            }
        }
        FileStatus status = volume.status(COPYING);
        volume.setOwner(DATA, status.uid(), status.gid());
        volume.setPermissions(DATA, status.permissions());
        volume.removeTree(COPYING);
    }
}
