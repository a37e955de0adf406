package io.berth.store.layer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.linux.file.BytePath;
import io.berth.linux.file.Directory;
import io.berth.linux.file.ExtendedAttributes;
import io.berth.linux.file.FileName;
import io.berth.linux.file.FileStatus;
import io.berth.linux.file.FileType;
import io.berth.linux.file.InvalidPathException;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCallException;
import io.berth.store.content.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/**
 * Unpacks a layer's tar into an empty directory, in the form overlayfs wants for a lower layer: {@code .wh.NAME} becomes a
 * character device 0/0 and {@code .wh..wh..opq} the attribute {@code trusted.overlay.opaque} of its directory
 * (Documentation/filesystems/overlayfs.rst; OCI image specification, "Representing Changes").
 *
 * <p>The archive is hostile until proven otherwise. Absolute paths, paths that climb out, hard links out of the layer and
 * anything that would go through a symbolic link, even one that stays inside, are refused. What had been unpacked by then is
 * left for the caller to remove.
 *
 * <p>For one archive; nothing is synced.
 */
final class LayerUnpacker {

    private static final String WHITEOUT = ".wh.";
    private static final String RESERVED_WHITEOUT = ".wh..wh.";
    private static final FileName OPAQUE_WHITEOUT = FileName.of(".wh..wh..opq");
    private static final byte[] OPAQUE = "trusted.overlay.opaque".getBytes(US_ASCII);
    private static final byte[] YES = {'y'};

    private final UnpackedDirectories directories;
    private final MemberWriter members;
    private final ExtendedAttributes extended;
    private long contentSize;

    /** @param root an empty directory; stays the caller's */
    LayerUnpacker(Kernel kernel, Directory root) {
        this.members = new MemberWriter(kernel);
        this.extended = new ExtendedAttributes(kernel);
        this.directories = new UnpackedDirectories(kernel, root, this::replaceByDirectory);
    }

    /**
     * Unpacks everything.
     *
     * @return bytes of all files
     * @throws StoreException invalid, when the archive is refused
     */
    long unpack(TarReader tar) throws IOException {
        try (directories) {
            for (Optional<TarEntry> entry = tar.next(); entry.isPresent(); entry = tar.next()) {
                unpack(entry.get(), tar);
            }
            directories.setTimes();
        }
        return contentSize;
    }

    private void unpack(TarEntry entry, TarReader tar) throws IOException {
        try {
            List<FileName> names = names(entry.path());
            if (names.isEmpty()) {
                unpackRoot(entry);
                return;
            }
            FileName name = names.getLast();
            Directory parent = directories.parent(names);
            if (name.startsWith(WHITEOUT)) {
                whiteOut(parent, name);
            } else {
                place(entry, tar, parent, names);
            }
        } catch (InvalidPathException unsafe) {
            throw refused(entry, unsafe.getMessage(), unsafe);
        } catch (SystemCallException failure) {
            throw explained(entry, failure);
        } catch (UncheckedIOException failure) {
            throw failure.getCause();
        }
    }

    private static List<FileName> names(byte[] path) {
        BytePath checked = BytePath.of(path);
        if (checked.isAbsolute()) {
            throw StoreException.invalid("unpack \"" + checked + "\": the path is absolute");
        }
        return checked.names();
    }

    private void unpackRoot(TarEntry entry) {
        if (entry.type() != TarEntry.Type.DIRECTORY) {
            throw refused(entry, "the root of a layer is a directory", null);
        }
        members.attributes().apply(directories.root().fd(), entry);
        directories.setTimesLater(List.of(), entry);
    }

    private void place(TarEntry entry, TarReader tar, Directory parent, List<FileName> names) throws IOException {
        FileName name = names.getLast();
        switch (entry.type()) {
            case DIRECTORY -> {
                create(parent, names, true, () -> parent.makeDirectory(name, 0700));
                try (Directory made = parent.directory(name)) {
                    members.attributes().apply(made.fd(), entry);
                }
                directories.setTimesLater(names, entry);
            }
            case HARD_LINK -> link(entry, parent, names);
            case REGULAR, SYMBOLIC_LINK, FIFO, CHARACTER_DEVICE, BLOCK_DEVICE -> {
                create(parent, names, false, () -> members.make(parent, name, entry, tar));
                contentSize += entry.type() == TarEntry.Type.REGULAR ? entry.size() : 0;
            }
        }
    }

    private void link(TarEntry entry, Directory parent, List<FileName> names) {
        List<FileName> target = names(entry.linkPath());
        if (target.equals(names)) {
            return;
        }
        if (target.isEmpty()) {
            throw refused(entry, "a hard link cannot lead to a directory", null);
        }
        try (Directory targetParent = directories.existing(target.subList(0, target.size() - 1))) {
            create(parent, names, false, () -> parent.link(names.getLast(), targetParent, target.getLast()));
        }
    }

    /** Makes something new; what has the name already makes way, but a directory for a directory. */
    private void create(Directory parent, List<FileName> names, boolean directory, Runnable making) {
        try {
            making.run();
        } catch (SystemCallException taken) {
            if (taken.errno() != Errno.EEXIST) {
                throw taken;
            }
            FileName name = names.getLast();
            FileStatus there = parent.status(name);
            if (directory && there.isDirectory()) {
                return;
            }
            directories.forget(names);
            if (directory) {
                replaceByDirectory(parent, name, there);
            } else {
                parent.removeTree(name);
                making.run();
            }
        }
    }

    /** A directory where this layer had removed something must not show what the layers below have in theirs. */
    private void replaceByDirectory(Directory parent, FileName name, FileStatus there) {
        parent.unlink(name);
        parent.makeDirectory(name, 0755);
        if (there.isWhiteout()) {
            makeOpaque(parent, name);
        }
    }

    private void makeOpaque(Directory parent, FileName name) {
        try (Directory made = parent.directory(name)) {
            extended.set(made.fd(), OPAQUE, YES);
        }
    }

    /** A whiteout hides what the layers below have; it does not touch what this layer has itself. */
    private void whiteOut(Directory parent, FileName marker) {
        if (marker.equals(OPAQUE_WHITEOUT)) {
            extended.set(parent.fd(), OPAQUE, YES);
            return;
        }
        if (marker.startsWith(RESERVED_WHITEOUT)) {
            return;
        }
        FileName hidden = marker.withoutFirst(WHITEOUT.length());
        Optional<FileStatus> own = parent.find(hidden);
        if (own.isEmpty()) {
            parent.makeNode(hidden, FileType.CHARACTER_DEVICE, 0, 0, 0);
        } else if (own.get().isDirectory()) {
            makeOpaque(parent, hidden);
        }
    }

    private static StoreException refused(TarEntry entry, String why, Throwable cause) {
        return StoreException.invalid("unpack \"" + entry.displayPath() + "\": " + why, cause);
    }

    /** Says which answers of the kernel are the archive's fault; the others are the disk's or ours and stay as they are. */
    private static RuntimeException explained(TarEntry entry, SystemCallException failure) {
        return switch (failure.errno()) {
            case ELOOP -> refused(entry, "the path goes through a symbolic link", failure);
            case ENOTDIR -> refused(entry, "the path goes through something that is no directory", failure);
            case ENOENT -> refused(entry, entry.type() == TarEntry.Type.HARD_LINK
                    ? "the layer has no \"" + new String(entry.linkPath(), UTF_8)
                            + "\" to link to" : failure.getMessage(), failure);
            case ENAMETOOLONG, EMLINK, EXDEV, EINVAL, EPERM -> refused(entry, failure.getMessage(), failure);
            default -> failure;
        };
    }
}
