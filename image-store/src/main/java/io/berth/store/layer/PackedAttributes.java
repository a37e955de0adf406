package io.berth.store.layer;

import io.berth.linux.file.ExtendedAttributes;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCallException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The extended attributes that go into a tar: a file's capabilities, its access list, and what users have noted. What
 * belongs to this machine stays here: labels of its security policy, integrity measurements, and overlayfs' own records.
 */
final class PackedAttributes {

    private static final byte[] OPAQUE = "trusted.overlay.opaque".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] YES = {'y'};

    private final ExtendedAttributes extended;

    PackedAttributes(Kernel kernel) {
        this.extended = new ExtendedAttributes(kernel);
    }

    /** @param file O_PATH or not, of any kind */
    List<TarEntry.Attribute> of(Fd file) {
        List<TarEntry.Attribute> packed = new ArrayList<>();
        for (byte[] name : extended.list(file)) {
            if (isPacked(new String(name, StandardCharsets.ISO_8859_1))) {
                value(file, name).ifPresent(value -> packed.add(new TarEntry.Attribute(name, value)));
            }
        }
        return packed;
    }

    /** Whether overlayfs shows nothing of the lower layers in this directory. */
    boolean isOpaque(Fd directory) {
        return value(directory, OPAQUE).filter(value -> Arrays.equals(value, YES)).isPresent();
    }

    /** A pax record ends its key at the first "=". */
    private static boolean isPacked(String name) {
        return name.indexOf('=') < 0 && (name.equals("security.capability") || name.equals("system.posix_acl_access")
                || name.equals("system.posix_acl_default") || name.startsWith("user.") && !name.startsWith("user.overlay."));
    }

    private Optional<byte[]> value(Fd file, byte[] name) {
        try {
            return extended.get(file, name);
        } catch (SystemCallException none) {
            if (none.errno() == Errno.EOPNOTSUPP) {
                return Optional.empty();
            }
            throw none;
        }
    }
}
