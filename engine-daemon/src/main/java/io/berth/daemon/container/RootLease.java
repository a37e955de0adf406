package io.berth.daemon.container;

import io.berth.linux.kernel.Fd;
import io.berth.linux.mount.MountView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Keeps a container's upper directory from being under two overlays at once, which the kernel does not forbid and for which
 * it promises nothing (Documentation/filesystems/overlayfs.rst, "Sharing and copying layers").
 *
 * <p>Views of the files may outlive the run they were opened in, and be open when the container is started. Whoever needs the
 * root meanwhile gets another mount of the overlay that is there: nobody waits for a slow client, and all see the same files.
 */
final class RootLease {

    /** Held while a mount is made or a view opened, not while it is used. */
    private final ReentrantLock lock = new ReentrantLock();
    private final List<MountView> views = new ArrayList<>();

    /** The container's root, detached: of the overlay that is mounted already or else of a new one. */
    Fd root(Supplier<Fd> mounting) {
        lock.lock();
        try {
            return views.isEmpty() ? mounting.get() : views.getFirst().rootAlone();
        } finally {
            lock.unlock();
        }
    }

    /** Opens a view, if it can be; to be closed by {@link #close}. */
    Optional<MountView> open(Supplier<Optional<MountView>> opening) {
        lock.lock();
        try {
            Optional<MountView> view = opening.get();
            view.ifPresent(views::add);
            return view;
        } finally {
            lock.unlock();
        }
    }

    void close(MountView view) {
        lock.lock();
        try {
            views.remove(view);
            view.close();
        } finally {
            lock.unlock();
        }
    }
}
