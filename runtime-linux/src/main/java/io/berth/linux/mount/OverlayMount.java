package io.berth.linux.mount;

import io.berth.linux.file.BytePath;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.KernelRelease;
import io.berth.linux.kernel.SystemCall;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Mounts image layers and a container's own directory as one tree (Documentation/filesystems/overlayfs.rst), detached.
 *
 * <p>The upper directory shows all that was changed, whatever the defaults of the machine: directories are not redirected and
 * files copied up as a whole, so that a diff or an image can be made from it alone.
 *
 * <p>Newer kernels take the lower directories one by one ({@code lowerdir+}). Before, all of them have to fit into the single
 * page of options of mount(2); there each is opened and named {@code /proc/self/fd/N}, which is short enough for the 127
 * layers an image may have.
 */
public final class OverlayMount {

    /** The largest value of one fsconfig(2) string, without its NUL. */
    private static final int LONGEST_VALUE = 255;
    private static final long CLONE_NEWNS = 0x2_0000;

    private final Kernel kernel;
    private final MountCalls mounts;
    private final FileCalls files;
    private final String scratch;
    private final boolean onePerOption;

    /**
     * @param scratch an empty directory of the daemon's own, used only on older kernels
     * @param onePerOption whether the kernel knows {@code lowerdir+}
     */
    OverlayMount(Kernel kernel, String scratch, boolean onePerOption) {
        this.kernel = kernel;
        this.mounts = new MountCalls(kernel);
        this.files = new FileCalls(kernel);
        this.scratch = scratch;
        this.onePerOption = onePerOption;
    }

    /**
     * In the way of the running kernel. Its version decides, because kernels before 6.8 take any option at first and refuse
     * the whole later, for no reason they would give.
     */
    public static OverlayMount ofRunningKernel(Kernel kernel, String scratch) {
        return new OverlayMount(kernel, scratch, KernelRelease.running().isAtLeast(6, 8));
    }

    /**
     * @param lower the layers' directories, the topmost first; never empty
     * @param upper where changes go
     * @param work an empty directory on the same file system as {@code upper}
     */
    public Fd mount(List<String> lower, String upper, String work) {
        return mount(lower, Optional.of(new Changes(upper, work)));
    }

    /**
     * Layers alone, read-only.
     *
     * @param lower at least two, which the kernel wants where there is no place for changes
     */
    public Fd mount(List<String> lower) {
        return mount(lower, Optional.empty());
    }

    /**
     * What a path in layers leads to, read-only. Before kernel 6.15 nothing can be cloned out of a detached mount, so this one
     * is attached for a moment.
     */
    public Fd mountPart(List<String> lower, BytePath part) {
        return mountTogether(lower, Optional.empty(), Optional.of(part));
    }

    /** Where what is changed in the tree goes. */
    private record Changes(String upper, String work) {
    }

    private Fd mount(List<String> lower, Optional<Changes> changes) {
        return onePerOption ? mountOneByOne(lower, changes) : mountTogether(lower, changes, Optional.empty());
    }

    private Fd mountOneByOne(List<String> lower, Optional<Changes> changes) {
        List<Fd> opened = new ArrayList<>();
        try (MountCalls.Context overlay = mounts.open("overlay")) {
            overlay.set("source", "overlay").set("redirect_dir", "off").set("metacopy", "off");
            for (String directory : lower) {
                overlay.set("lowerdir+", shortened(directory, opened));
            }
            changes.ifPresent(place -> overlay.set("upperdir", shortened(place.upper(), opened)).set("workdir", shortened(place.work(), opened)));
            return overlay.mount(changes.isPresent() ? 0 : MountCalls.ATTR_READ_ONLY);
        } finally {
            opened.forEach(Fd::close);
        }
    }

    private String shortened(String directory, List<Fd> opened) {
        return directory.length() <= LONGEST_VALUE ? directory : throughDescriptor(directory, opened);
    }

    private String throughDescriptor(String directory, List<Fd> opened) {
        Fd fd = files.open(directory, FileCalls.O_PATH | FileCalls.O_DIRECTORY, 0);
        opened.add(fd);
        return fd.path();
    }

    /** Mounts in a mount namespace that only a thread of its own sees, and takes a detached copy out of it. */
    private Fd mountTogether(List<String> lower, Optional<Changes> changes, Optional<BytePath> part) {
        Detour detour = new Detour(lower, changes, part);
        Thread thread = new Thread(detour, "overlay-mount");
        thread.start();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return detour.result();
    }

    private String options(List<String> lower, Optional<Changes> changes, List<Fd> opened) {
        StringBuilder options = new StringBuilder("lowerdir=");
        for (String directory : lower) {
            options.append(throughDescriptor(directory, opened)).append(':');
        }
        options.setLength(options.length() - 1);
        changes.ifPresent(place -> options.append(",upperdir=").append(throughDescriptor(place.upper(), opened))
                .append(",workdir=").append(throughDescriptor(place.work(), opened)).append(",redirect_dir=off,metacopy=off"));
        return options.toString();
    }

    private final class Detour implements Runnable {
        private final List<String> lower;
        private final Optional<Changes> changes;
        private final Optional<BytePath> part;
        private Fd mounted;
        private RuntimeException failure;

        Detour(List<String> lower, Optional<Changes> changes, Optional<BytePath> part) {
            this.lower = lower;
            this.changes = changes;
            this.part = part;
        }

        @Override
        public void run() {
            List<Fd> opened = new ArrayList<>();
            try {
                kernel.call(SystemCall.UNSHARE, Argument.of(CLONE_NEWNS));
                mounts.mount("none", "/", "", MountCalls.MS_REC | MountCalls.MS_PRIVATE, "");
                // Opened here: an overlay takes no directory of another mount namespace.
                mounts.mount("overlay", scratch, "overlay", changes.isPresent() ? 0 : MountCalls.MS_RDONLY, options(lower, changes, opened));
                mounted = part.isPresent() ? new MountSources(kernel).below(BytePath.of(scratch), part.get(), false)
                        : mounts.copyTree(scratch.getBytes(StandardCharsets.UTF_8), false);
            } catch (RuntimeException e) {
                failure = e;
            } finally {
                opened.forEach(Fd::close);
            }
        }

        Fd result() {
            if (failure instanceof MountFailure reason) {
                throw reason;
            }
            if (failure != null) {
                throw new MountFailure("mount an overlay", failure);
            }
            return mounted;
        }
    }
}
