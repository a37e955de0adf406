package io.berth.store.layer;

import static io.berth.linux.kernel.Argument.NULL;
import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.file.Directory;
import io.berth.linux.file.ExtendedAttributes;
import io.berth.linux.file.FileName;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.nio.charset.StandardCharsets;

/**
 * Gives unpacked files their owner, mode, attributes and times, in the order that keeps them: chown(2) takes away set-id bits
 * and capabilities, and everything changes the times.
 */
final class FileAttributes {

    /** Attributes that would tell overlayfs to look elsewhere. No layer means them for itself. */
    private static final String[] OVERLAYS_OWN = {"trusted.overlay.", "user.overlay."};

    private final Kernel kernel;
    private final ExtendedAttributes extended;

    FileAttributes(Kernel kernel) {
        this.kernel = kernel;
        this.extended = new ExtendedAttributes(kernel);
    }

    /** Owner, mode and extended attributes of a regular file or directory open for real. */
    void apply(Fd file, TarEntry entry) {
        kernel.call(SystemCall.FCHOWN, file, of(entry.uid()), of(entry.gid()));
        kernel.call(SystemCall.FCHMOD, file, of(entry.permissions()));
        setExtended(file, entry);
    }

    /** Owner, extended attributes and times of any other kind; the mode of a link means nothing. */
    void apply(Directory parent, FileName name, TarEntry entry) {
        parent.setOwner(name, entry.uid(), entry.gid());
        if (!entry.attributes().isEmpty()) {
            try (Fd file = parent.openPath(name)) {
                setExtended(file, entry);
            }
        }
        parent.setTimes(name, entry.modifiedSeconds(), entry.modifiedNanos());
    }

    void setTimes(Fd file, TarEntry entry) {
        setTimes(kernel, file, entry.modifiedSeconds(), entry.modifiedNanos());
    }

    /** utimensat(2) of an open file: no path, no flags. */
    static void setTimes(Kernel kernel, Fd file, long seconds, int nanos) {
        kernel.call(SystemCall.UTIMENSAT, file, NULL, Directory.times(seconds, nanos), NULL);
    }

    private void setExtended(Fd file, TarEntry entry) {
        for (TarEntry.Attribute attribute : entry.attributes()) {
            String name = new String(attribute.name(), StandardCharsets.ISO_8859_1);
            if (!isOverlaysOwn(name)) {
                set(file, attribute, name);
            }
        }
    }

    /** What the file system has no place for is left out, as everybody does; but never what grants or confines rights. */
    private void set(Fd file, TarEntry.Attribute attribute, String name) {
        try {
            extended.set(file, attribute.name(), attribute.value());
        } catch (SystemCallException failure) {
            if (failure.errno() != Errno.EOPNOTSUPP || name.startsWith("security.")) {
                throw failure;
            }
        }
    }

    private static boolean isOverlaysOwn(String name) {
        for (String prefix : OVERLAYS_OWN) {
            if (name.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }
}
