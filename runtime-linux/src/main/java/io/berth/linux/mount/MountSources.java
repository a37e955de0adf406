package io.berth.linux.mount;

import io.berth.linux.file.BytePath;
import io.berth.linux.file.RootedDirectory;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.nio.charset.StandardCharsets;

/** What bind mounts are made of: detached copies of the host's mounts, confined as they were asked for. */
final class MountSources {

    private static final int PATH_MAX = 4096;

    private final Kernel kernel;
    private final MountCalls mounts;

    MountSources(Kernel kernel) {
        this.kernel = kernel;
        this.mounts = new MountCalls(kernel);
    }

    /** A copy of what {@code subpath} leads to inside of a directory, whoever changes the tree meanwhile. */
    Fd below(BytePath directory, BytePath subpath, boolean recursive) {
        try (RootedDirectory root = RootedDirectory.container(kernel, open(directory)); Fd found = root.resolve(subpath)) {
            return mounts.copyTree(found, recursive);
        } catch (SystemCallException failure) {
            if (failure.errno() != Errno.ENOENT && failure.errno() != Errno.ENOTDIR) {
                throw failure;
            }
            throw new MountFailure(MountFailure.Kind.NOT_FOUND, "cannot access path " + directory + "/" + subpath + ": no such file or directory");
        }
    }

    /** The path that a path of the host leads to. */
    String withoutLinks(BytePath path) {
        NativeBuffer buffer = NativeBuffer.allocate(PATH_MAX);
        try (Fd file = open(path)) {
            int length = (int) kernel.call(SystemCall.READLINKAT, Argument.of(FileCalls.AT_FDCWD), Argument.of(file.path()), buffer,
                    Argument.of(PATH_MAX));
            return new String(buffer.copy(0, length), StandardCharsets.ISO_8859_1);
        }
    }

    /**
     * Gives a copy its propagation and takes away the right to write. A copy of a shared mount is a peer of the host's until
     * then; nothing has been mounted in it yet.
     */
    void confine(Fd copy, MountSpec.Bind bind) {
        Propagation propagation = bind.propagation();
        mounts.setAttributes(copy, 0, propagation.flag(), bind.recursive() && propagation.reachesBelow());
        switch (bind.protection()) {
            case NONE -> { }
            case TOP -> mounts.setAttributes(copy, MountCalls.ATTR_READ_ONLY, 0, false);
            case TREE -> mounts.setAttributes(copy, MountCalls.ATTR_READ_ONLY, 0, bind.recursive());
        }
    }

    private Fd open(BytePath path) {
        return kernel.open(SystemCall.OPENAT, Argument.of(FileCalls.AT_FDCWD), Argument.of(path.bytes()),
                Argument.of(FileCalls.O_PATH | FileCalls.O_CLOEXEC), Argument.NULL);
    }
}
