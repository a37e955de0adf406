package io.berth.linux.file;

import static io.berth.linux.kernel.Argument.NULL;
import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Extended attributes of any file: names and values are bytes. The f…xattr calls refuse an O_PATH descriptor, and opening
 * for real is impossible for a symbolic link and unwise for a device, so these go through /proc/self/fd: its link leads to
 * the open file itself and is not followed further.
 */
public final class ExtendedAttributes {

    private final Kernel kernel;

    public ExtendedAttributes(Kernel kernel) {
        this.kernel = kernel;
    }

    public void set(Fd file, byte[] name, byte[] value) {
        NativeBuffer content = NativeBuffer.of(value);
        kernel.call(SystemCall.SETXATTR, of(file.path()), of(name), content, of(value.length), NULL);
    }

    public Optional<byte[]> get(Fd file, byte[] name) {
        try {
            return Optional.of(read(SystemCall.GETXATTR, of(file.path()), of(name)));
        } catch (SystemCallException absent) {
            if (absent.errno() == Errno.ENODATA) {
                return Optional.empty();
            }
            throw absent;
        }
    }

    /** The names; none on a file system without extended attributes. */
    public List<byte[]> list(Fd file) {
        byte[] names;
        try {
            names = read(SystemCall.LISTXATTR, of(file.path()));
        } catch (SystemCallException unsupported) {
            if (unsupported.errno() == Errno.EOPNOTSUPP) {
                return List.of();
            }
            throw unsupported;
        }
        List<byte[]> list = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < names.length; i++) {
            if (names[i] == 0) {
                list.add(Arrays.copyOfRange(names, start, i));
                start = i + 1;
            }
        }
        return list;
    }

    public void remove(Fd file, byte[] name) {
        kernel.call(SystemCall.REMOVEXATTR, of(file.path()), of(name));
    }

    /** Asks for the size, then for the content, again when it grew in between. */
    private byte[] read(SystemCall call, io.berth.linux.kernel.Argument... what) {
        while (true) {
            int size = (int) kernel.call(call, with(what, NULL, NULL));
            if (size == 0) {
                return new byte[0];
            }
            NativeBuffer buffer = NativeBuffer.allocate(size);
            try {
                return buffer.copy(0, (int) kernel.call(call, with(what, buffer, of(size))));
            } catch (SystemCallException grown) {
                if (grown.errno() != Errno.ERANGE) {
                    throw grown;
                }
            }
        }
    }

    private static Argument[] with(Argument[] what,
            Argument buffer, Argument size) {
        Argument[] all = Arrays.copyOf(what, what.length + 2);
        all[what.length] = buffer;
        all[what.length + 1] = size;
        return all;
    }
}
