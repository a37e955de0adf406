package io.berth.daemon.container;

import io.berth.linux.file.RootedDirectory;
import io.berth.linux.kernel.Fd;
import io.berth.linux.mount.MountView;

/** The files of a container, open until this is closed, whatever becomes of the container meanwhile. */
final class OpenFiles implements AutoCloseable {

    private final RootLease lease;
    private final MountView view;
    private final RootedDirectory root;
    private final Runnable afterwards;

    /**
     * @param view opened by {@code lease}
     * @param afterwards when nobody looks any more
     */
    OpenFiles(RootLease lease, MountView view, Runnable afterwards) {
        this.lease = lease;
        this.view = view;
        this.root = view.files();
        this.afterwards = afterwards;
    }

    /** The tree as the container sees it. */
    RootedDirectory root() {
        return root;
    }

    /** The container's own root file system without what is mounted in it; the caller's to close. */
    Fd rootAlone() {
        return view.rootAlone();
    }

    @Override
    public void close() {
        root.close();
        lease.close(view);
        afterwards.run();
    }
}
