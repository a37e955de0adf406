package io.berth.linux.mount;

import static io.berth.linux.kernel.Argument.NULL;
import static io.berth.linux.kernel.Argument.of;
import static io.berth.linux.kernel.FileCalls.AT_EMPTY_PATH;
import static io.berth.linux.kernel.FileCalls.AT_FDCWD;
import static io.berth.linux.kernel.FileCalls.O_CLOEXEC;
import static io.berth.linux.kernel.FileCalls.O_DIRECTORY;
import static io.berth.linux.kernel.FileCalls.O_PATH;
import static io.berth.linux.kernel.FileCalls.O_RDONLY;

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
import java.util.List;
import java.util.Optional;

/**
 * A container's file tree with everything that is mounted in it, open for any thread to work in: paths are resolved below
 * one descriptor, whose mounts stay together because their namespace is open too. No process of ours is in there.
 *
 * <p>Of a container that runs it is the container's own namespace; otherwise one that is made for the view and goes with it.
 */
public final class MountView implements AutoCloseable {

    private static final int LONGEST_CGROUP_FILE = 64 * 1024;
    private static final Argument ROOT = of("/");
    private static final Argument HERE = of(".");
    private static final Argument EMPTY = of("");

    private final Kernel kernel;
    private final Fd namespace;
    private final Fd root;

    private MountView(Kernel kernel, Fd namespace, Fd root) {
        this.kernel = kernel;
        this.namespace = namespace;
        this.root = root;
    }

    /**
     * What a running container sees. The number of a process that has ended may have been given to another one, so the
     * process has to prove by its cgroup whose it is.
     *
     * @param pid of its first process
     * @param cgroup what the process's cgroup has in its name, and that of no process outside of the container
     * @return empty when there is no such process any more
     */
    public static Optional<MountView> ofProcess(Kernel kernel, int pid, String cgroup) {
        try (Fd process = kernel.open(SystemCall.OPENAT, of(AT_FDCWD), of("/proc/" + pid), of(O_PATH | O_DIRECTORY | O_CLOEXEC), NULL)) {
            if (!cgroups(kernel, process).contains(cgroup)) {
                return Optional.empty();
            }
            Fd namespace = kernel.open(SystemCall.OPENAT, process, of("ns/mnt"), of(O_RDONLY | O_CLOEXEC), NULL);
            try {
                // Its namespace's root, which is the container's; /proc/PID/root would be where the process has changed its root to.
                Fd root = new NamespaceVisit(kernel).to(namespace).open(SystemCall.OPENAT, of(AT_FDCWD), ROOT,
                        of(O_PATH | O_DIRECTORY | O_CLOEXEC), NULL).run().getFirst();
                return Optional.of(new MountView(kernel, namespace, root));
            } catch (RuntimeException failure) {
                namespace.close();
                throw failure;
            }
        } catch (SystemCallException gone) {
            if (gone.errno() == Errno.ENOENT || gone.errno() == Errno.ESRCH) {
                return Optional.empty();
            }
            throw gone;
        }
    }

    private static String cgroups(Kernel kernel, Fd process) {
        NativeBuffer text = NativeBuffer.allocate(LONGEST_CGROUP_FILE);
        try (Fd file = kernel.open(SystemCall.OPENAT, process, of("cgroup"), of(O_RDONLY | O_CLOEXEC), NULL)) {
            int length = new FileCalls(kernel).read(file, text, 0, text.size());
            return new String(text.copy(0, length), StandardCharsets.UTF_8);
        }
    }

    /**
     * Puts a prepared tree together in a mount namespace of its own, by the steps of a launch.
     *
     * @param tree its mounts become the view's; the caller closes it afterwards all the same
     * @param staging an empty directory on which the root stands for a moment
     */
    public static MountView ofTree(Kernel kernel, PreparedTree tree, String staging, boolean readOnlyRoot) {
        NamespaceVisit visit = new NamespaceVisit(kernel).toNew()
                .open(SystemCall.OPENAT, of(AT_FDCWD), of("/proc/thread-self/ns/mnt"), of(O_RDONLY | O_CLOEXEC), NULL)
                .then(SystemCall.MOVE_MOUNT, tree.root(), EMPTY, of(AT_FDCWD), of(staging), of(MountCalls.MOVE_MOUNT_F_EMPTY_PATH));
        for (PlannedMount mount : tree.mounts()) {
            if (mount instanceof PlannedMount.Prepared prepared) {
                visit.then(SystemCall.MOVE_MOUNT, prepared.mount(), EMPTY, prepared.target(), EMPTY,
                        of(MountCalls.MOVE_MOUNT_F_EMPTY_PATH | MountCalls.MOVE_MOUNT_T_EMPTY_PATH));
            }
        }
        if (readOnlyRoot) {
            NativeBuffer change = MountCalls.attributes(MountCalls.ATTR_READ_ONLY, 0, 0);
            visit.then(SystemCall.MOUNT_SETATTR, tree.root(), EMPTY, of(AT_EMPTY_PATH), change, of(change.size()));
        }
        List<Fd> opened = visit.then(SystemCall.FCHDIR, tree.root()).then(SystemCall.PIVOT_ROOT, HERE, HERE)
                .then(SystemCall.UMOUNT2, HERE, of(MountCalls.MNT_DETACH))
                .open(SystemCall.OPENAT, of(AT_FDCWD), ROOT, of(O_PATH | O_DIRECTORY | O_CLOEXEC), NULL).run();
        return new MountView(kernel, opened.get(0), opened.get(1));
    }

    /** The tree, to look up paths in. The caller closes it; it works for as long as this view is open. */
    public RootedDirectory files() {
        return RootedDirectory.container(kernel, new FileCalls(kernel).duplicate(root));
    }

    /**
     * The root file system alone, as it is under whatever is mounted on it: one more mount of the same file system, attached
     * nowhere, that can be written to and outlives this view.
     */
    public Fd rootAlone() {
        Fd mount = new NamespaceVisit(kernel).to(namespace).open(SystemCall.OPEN_TREE, of(AT_FDCWD), ROOT,
                of(MountCalls.OPEN_TREE_CLONE | O_CLOEXEC)).run().getFirst();
        try {
            new MountCalls(kernel).clearAttributes(mount, MountCalls.ATTR_READ_ONLY);
            return mount;
        } catch (RuntimeException failure) {
            mount.close();
            throw failure;
        }
    }

    @Override
    public void close() {
        root.close();
        namespace.close();
    }
}
