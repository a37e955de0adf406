package io.berth.linux.mount;

import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.util.List;

/**
 * Mounts in the daemon's own mount namespace, which outlive it: what several containers share must be mounted once. Containers get
 * copies of such a mount, private to them.
 *
 * <p>A bind mount here becomes a slave of what it is made from. It would be its peer otherwise, when the host's mounts are shared
 * (mount_namespaces(7)), and its end would take along what is mounted below the original.
 */
public final class HostMounts {

    private static final long FROM_THE_ORIGINAL_ONLY = MountCalls.MS_SLAVE | MountCalls.MS_REC;

    private final Kernel kernel;

    public HostMounts(Kernel kernel) {
        this.kernel = kernel;
    }

    /**
     * Mounts, as mount(8) would without its helpers. When it throws, nothing is mounted.
     *
     * @param options as in fstab(5)
     * @throws MountFailure with the reference's words, such as {@code mount /a:/b, flags: 0x1000: no such file or directory}
     */
    public void mount(String source, String target, String type, String options) {
        MountOptionText wanted = MountOptionText.parse(options);
        call("mount", source, target, type, wanted.flags(), wanted.data());
        try {
            confine(target, wanted);
        } catch (RuntimeException failure) {
            try {
                unmount(target);
            } catch (RuntimeException second) {
                failure.addSuppressed(second);
            }
            throw failure;
        }
    }

    private void confine(String target, MountOptionText wanted) {
        if (wanted.propagation() != 0) {
            call("remount", "", target, "", wanted.propagation(), "");
        } else if (wanted.isBind()) {
            call("remount", "", target, "", FROM_THE_ORIGINAL_ONLY, "");
        }
        // The kernel takes all flags but these of a bind mount from the original, unless it is mounted again.
        if (wanted.isBind() && (wanted.flags() & MountCalls.MS_RDONLY) != 0) {
            call("remount-ro", "", target, "", wanted.flags() | MountCalls.MS_REMOUNT, "");
        }
    }

    private void call(String operation, String source, String target, String type, long flags, String data) {
        try {
            kernel.call(SystemCall.MOUNT, of(source), of(target), of(type), of(flags), data.isEmpty() ? Argument.NULL : of(data));
        } catch (SystemCallException failure) {
            throw new MountFailure(MountFailure.Kind.FAILED, operation + ' ' + (source.isEmpty() ? "" : source + ':') + target
                    + (flags == 0 ? "" : ", flags: 0x" + Long.toHexString(flags)) + (data.isEmpty() ? "" : ", data: " + data) + ": "
                    + failure.errno().text());
        }
    }

    /** Whether something is mounted right there. */
    public boolean isMounted(String target) {
        return MountTable.mountPoints().contains(target);
    }

    /** What is mounted at a directory or below it, the innermost last. */
    public List<String> below(String directory) {
        return MountTable.mountPoints().stream().filter(point -> point.equals(directory) || point.startsWith(directory + "/")).sorted().toList();
    }

    /** Takes away the topmost mount there, with what is mounted below it, also when it is used: then it goes with its last user. */
    public void unmount(String target) {
        try {
            kernel.call(SystemCall.MOUNT, of(""), of(target), of(""), of(FROM_THE_ORIGINAL_ONLY), Argument.NULL);
        } catch (SystemCallException notMounted) {
            if (notMounted.errno() != Errno.EINVAL) {
                throw notMounted;
            }
        }
        new MountCalls(kernel).unmount(target);
    }
}
