package io.berth.linux.mount;

import static io.berth.linux.mount.MountCalls.MS_NODEV;
import static io.berth.linux.mount.MountCalls.MS_NOEXEC;
import static io.berth.linux.mount.MountCalls.MS_NOSUID;
import static io.berth.linux.mount.MountCalls.MS_RDONLY;

import io.berth.linux.file.BytePath;
import io.berth.linux.file.FileStatus;
import io.berth.linux.file.RootedDirectory.MountPoint;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Makes a container's file tree detached: the overlay, {@code /dev}, the user's mounts; and finds the place for each. What
 * belongs to the container's own namespaces (proc, sysfs, mqueue) is only planned and mounted by the launcher.
 */
public final class ContainerTree {

    private static final BytePath PROC = BytePath.of("/proc");
    private static final BytePath DEV = BytePath.of("/dev");
    private static final BytePath DEV_PTS = BytePath.of("/dev/pts");
    private static final BytePath DEV_SHM = BytePath.of("/dev/shm");
    private static final BytePath DEV_MQUEUE = BytePath.of("/dev/mqueue");
    private static final BytePath SYS = BytePath.of("/sys");
    private static final String CGROUP = "/sys/fs/cgroup";
    // linux/magic.h
    private static final long PROC_SUPER_MAGIC = 0x9fa0;
    private static final int SIZE_OF_STATFS = 120;
    private static final long NOTHING_SPECIAL = MS_NOSUID | MS_NODEV | MS_NOEXEC;

    private final Kernel kernel;
    private final MountCalls mounts;
    private final OverlayMount overlay;
    private final MountSources sources;

    /** @param scratch an empty directory of the daemon's own */
    public ContainerTree(Kernel kernel, String scratch) {
        this.kernel = kernel;
        this.mounts = new MountCalls(kernel);
        this.overlay = OverlayMount.ofRunningKernel(kernel, scratch);
        this.sources = new MountSources(kernel);
    }

    /** For a thread of {@link io.berth.linux.kernel.BlockingCalls}. The caller closes the tree after the launch. */
    public PreparedTree prepare(TreeSpec spec) {
        return prepare(spec, mountRoot(spec));
    }

    /** The same on a root that is mounted already; takes it over. */
    public PreparedTree prepare(TreeSpec spec, Fd root) {
        return new Preparation(spec, root).run();
    }

    /** The root and the files and directories of the host in it, and nothing that only processes need. Takes over {@code root}. */
    public PreparedTree prepareFiles(TreeSpec spec, Fd root) {
        return new Preparation(spec, root).runFiles();
    }

    /** The container's root file system, detached. */
    public Fd mountRoot(TreeSpec spec) {
        return overlay.mount(spec.lower(), spec.upper(), spec.work());
    }

    /**
     * The content of layers as one tree, detached and read-only. The caller closes it.
     *
     * @param layers the topmost first; at least two
     */
    public Fd layers(List<String> layers) {
        return overlay.mount(layers);
    }

    private final class Preparation {
        private final TreeSpec spec;
        private final Set<BytePath> asked = new HashSet<>();
        private final List<Fd> opened = new ArrayList<>();
        private final List<PlannedMount> planned = new ArrayList<>();
        private final MountPlaces places;
        private final Fd root;
        private Optional<Fd> terminals = Optional.empty();

        Preparation(TreeSpec spec, Fd root) {
            this.spec = spec;
            this.root = root;
            spec.mounts().forEach(mount -> asked.add(mount.destination()));
            opened.add(root);
            places = new MountPlaces(kernel, root, opened);
        }

        PreparedTree run() {
            return made(() -> {
                system();
                spec.mounts().forEach(this::add);
                places.find(spec.workingDirectory(), MountPoint.DIRECTORY);
            });
        }

        PreparedTree runFiles() {
            return made(() -> spec.mounts().stream().filter(mount -> !(mount instanceof MountSpec.Tmpfs)).forEach(this::add));
        }

        private PreparedTree made(Runnable making) {
            try {
                making.run();
                return new PreparedTree(root, List.copyOf(planned), terminals, List.copyOf(opened));
            } catch (RuntimeException failure) {
                opened.forEach(Fd::close);
                throw failure;
            }
        }

        private void system() {
            fresh("proc", PROC, NOTHING_SPECIAL);
            if (!asked.contains(DEV)) {
                List<DevicesMount.Device> more = spec.privileged() ? HostDevices.list(kernel) : List.of();
                prepared(DevicesMount.make(kernel, more), DEV, MountPoint.DIRECTORY);
                terminals();
                sharedMemory();
                fresh("mqueue", DEV_MQUEUE, NOTHING_SPECIAL);
            }
            fresh("sysfs", SYS, spec.privileged() ? NOTHING_SPECIAL : NOTHING_SPECIAL | MS_RDONLY);
            if (!asked.contains(SYS) && !asked.contains(BytePath.of(CGROUP))) {
                cgroups();
            }
        }

        private void terminals() {
            if (asked.contains(DEV_PTS)) {
                return;
            }
            try (MountCalls.Context devpts = mounts.open("devpts")) {
                Fd mount = devpts.set("source", "devpts").set("ptmxmode", "0666").set("mode", "0620").set("gid", "5")
                        .mount(MountCalls.ATTR_NO_SUID | MountCalls.ATTR_NO_EXEC);
                terminals = Optional.of(mount);
                prepared(mount, DEV_PTS, MountPoint.DIRECTORY);
            }
        }

        private void sharedMemory() {
            if (asked.contains(DEV_SHM)) {
                return;
            }
            try (MountCalls.Context tmpfs = mounts.open("tmpfs")) {
                prepared(tmpfs.set("source", "shm").set("mode", "1777").set("size", Long.toString(spec.shmSize()))
                        .mount(MountCalls.ATTR_NO_SUID | MountCalls.ATTR_NO_DEVICES | MountCalls.ATTR_NO_EXEC), DEV_SHM, MountPoint.DIRECTORY);
            }
        }

        private void cgroups() {
            long readOnly = spec.privileged() ? 0 : MS_RDONLY;
            switch (spec.cgroups()) {
                case TreeSpec.CgroupView.Unified() -> planned.add(
                        new PlannedMount.FreshAt("cgroup2", CGROUP, NOTHING_SPECIAL | readOnly, ""));
                case TreeSpec.CgroupView.Hierarchies(List<TreeSpec.Hierarchy> directories) -> planned.addAll(
                        CgroupDirectories.plan(directories, readOnly));
            }
        }

        private void add(MountSpec mount) {
            String destination = mount.destination().toString();
            try {
                switch (mount) {
                    case MountSpec.Bind bind -> bind(bind);
                    case MountSpec.Tmpfs tmpfs -> prepared(tmpfs(tmpfs), tmpfs.destination(), MountPoint.DIRECTORY);
                    case MountSpec.Layers image -> image(image);
                }
            } catch (SystemCallException failure) {
                throw new MountFailure("mount " + destination, failure);
            }
        }

        private void bind(MountSpec.Bind bind) {
            Fd source = bind.subpath().isPresent() ? sources.below(bind.source(), bind.subpath().get(), bind.recursive())
                    : mounts.copyTree(bind.source().bytes(), bind.recursive());
            place(source, bind.destination());
            sources.confine(source, bind);
        }

        private void image(MountSpec.Layers image) {
            place(image.subpath().isPresent() ? overlay.mountPart(image.layers(), image.subpath().get()) : overlay.mount(image.layers()),
                    image.destination());
        }

        /** A directory on a directory, anything else on a file. */
        private void place(Fd source, BytePath destination) {
            boolean directory = FileStatus.of(kernel, source).isDirectory();
            prepared(source, destination, directory ? MountPoint.DIRECTORY : MountPoint.FILE);
        }

        private Fd tmpfs(MountSpec.Tmpfs spec) {
            try (MountCalls.Context tmpfs = mounts.open("tmpfs")) {
                tmpfs.set("source", "tmpfs");
                spec.options().forEach(tmpfs::set);
                return tmpfs.mount(spec.attributes());
            }
        }

        /** Below proc or sysfs of the container's own, whose directories are there only when they are mounted. */
        private boolean liesInKernelFiles(BytePath destination) {
            String path = destination.toString();
            return path.startsWith("/sys/") && !asked.contains(SYS) || path.startsWith("/proc/") && !asked.contains(PROC);
        }

        private void fresh(String type, BytePath destination, long flags) {
            if (!asked.contains(destination)) {
                MountPlaces.Target target = places.find(destination, MountPoint.DIRECTORY);
                planned.add(new PlannedMount.Fresh(type, target.fd(), destination.toString(), flags));
            }
        }

        private void prepared(Fd mount, BytePath destination, MountPoint kind) {
            opened.add(mount);
            if (liesInKernelFiles(destination)) {
                planned.add(new PlannedMount.PreparedAt(mount, destination.toString()));
                return;
            }
            MountPlaces.Target target = places.find(destination, kind);
            requireFit(destination, kind, target.fd());
            requireOutsideKernelFiles(destination, target, mount);
            places.cover(target, mount);
            planned.add(new PlannedMount.Prepared(mount, target.fd(), destination.toString()));
        }

        /**
         * What lies on proc must be proc, for the engine relies on it; and what a link of the image leads below proc or sysfs would
         * be covered by them.
         */
        private void requireOutsideKernelFiles(BytePath destination, MountPlaces.Target target, Fd mount) {
            if (target.path().length == 0) {
                throw new MountFailure(MountFailure.Kind.INVALID, "mount " + destination + ": a symbolic link leads to the root itself");
            }
            BytePath place = BytePath.of(target.path());
            String path = place.toString();
            if (path.equals("/proc") && !isProc(mount)) {
                throw new MountFailure(MountFailure.Kind.INVALID, "mount " + destination + ": " + path
                        + " cannot be mounted over by something that is not of type proc");
            }
            if (liesInKernelFiles(place)) {
                throw new MountFailure(MountFailure.Kind.INVALID, "mount " + destination + ": a symbolic link leads to " + path
                        + ", which cannot be mounted because it is inside /proc or /sys");
            }
        }

        private boolean isProc(Fd mount) {
            NativeBuffer status = NativeBuffer.allocate(SIZE_OF_STATFS);
            kernel.call(SystemCall.FSTATFS, mount, status);
            return status.bytes().getLong(0) == PROC_SUPER_MAGIC;
        }

        /** The kernel would say ENOTDIR, later, and not of what. */
        private void requireFit(BytePath destination, MountPoint kind, Fd target) {
            if (FileStatus.of(kernel, target).isDirectory() != (kind == MountPoint.DIRECTORY)) {
                throw new MountFailure(MountFailure.Kind.INVALID, "mount " + destination + ": not a directory: Are you trying to mount a directory"
                        + " onto a file (or vice-versa)? Check if the specified host path exists and is the expected type");
            }
        }
    }
}
