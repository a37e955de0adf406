package io.berth.store.layer;

import io.berth.linux.file.Directory;
import io.berth.linux.file.FileName;
import io.berth.linux.file.FileType;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Makes one file of a tar's member, with its content, owner, mode, attributes and times. Its name has to be free: the first
 * call of the kernel fails with EEXIST when it is not, and nothing of the content has been read then.
 */
final class MemberWriter {

    private final FileAttributes attributes;
    private final ContentWriter content;

    MemberWriter(Kernel kernel) {
        this.attributes = new FileAttributes(kernel);
        this.content = new ContentWriter(kernel);
    }

    FileAttributes attributes() {
        return attributes;
    }

    /** Anything but directories and hard links, which only their callers know how to make. */
    void make(Directory parent, FileName name, TarEntry entry, TarReader tar) {
        switch (entry.type()) {
            case REGULAR -> {
                try (Fd file = parent.createFile(name, 0600)) {
                    fill(file, entry, tar);
                }
            }
            case SYMBOLIC_LINK -> {
                parent.makeSymbolicLink(name, entry.linkPath());
                attributes.apply(parent, name, entry);
            }
            case FIFO -> makeNode(parent, name, FileType.FIFO, entry);
            case CHARACTER_DEVICE -> makeNode(parent, name, FileType.CHARACTER_DEVICE, entry);
            case BLOCK_DEVICE -> makeNode(parent, name, FileType.BLOCK_DEVICE, entry);
            case HARD_LINK, DIRECTORY -> throw new IllegalArgumentException(entry.type().name());
        }
    }

    /** Writes an empty file's content, then all that is known of it. */
    void fill(Fd file, TarEntry entry, TarReader tar) {
        try {
            content.write(file, entry, tar);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        attributes.apply(file, entry);
        attributes.setTimes(file, entry);
    }

    private void makeNode(Directory parent, FileName name, FileType type, TarEntry entry) {
        parent.makeNode(name, type, 0600, entry.deviceMajor(), entry.deviceMinor());
        attributes.apply(parent, name, entry);
        parent.setPermissions(name, entry.permissions());
        parent.setTimes(name, entry.modifiedSeconds(), entry.modifiedNanos());
    }
}
