package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.mount.MountView;
import io.berth.linux.mount.PreparedTree;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Opens the file tree of a container, whatever it is doing: of one that runs, the tree its processes see, tmpfs and all; of
 * another, its root with the files and directories of the host mounted in it, in a mount namespace made for the purpose.
 * A container that is being started is waited for. For threads that may wait in the kernel.
 */
final class ContainerFiles {

    /** From the end of a process until the news of it has arrived here. */
    private static final Duration NEWS_OF_AN_END = Duration.ofSeconds(10);

    private final Kernel kernel;
    private final RootFilesystem filesystems;
    private final ContainerMounts mounts;

    ContainerFiles(Kernel kernel, RootFilesystem filesystems, ContainerMounts mounts) {
        this.kernel = kernel;
        this.filesystems = filesystems;
        this.mounts = mounts;
    }

    /** @throws ApiException conflict, when the container is on its way out */
    OpenFiles open(Container container) {
        while (true) {
            Optional<ContainerState.Running> run = container.state().currentRun();
            String user = "files-" + UUID.randomUUID();
            Optional<MountView> view = run.isPresent() ? ofRun(container, run.get()) : ofStopped(container, user);
            if (view.isPresent()) {
                return new OpenFiles(container.rootLease(), view.get(), () -> mounts.unmount(container, user));
            }
            awaitEnd(container, run);
        }
    }

    private Optional<MountView> ofRun(Container container, ContainerState.Running run) {
        return container.rootLease().open(() -> MountView.ofProcess(kernel, run.pid(), container.id().hex()));
    }

    /** Empty when it runs by now. */
    private Optional<MountView> ofStopped(Container container, String user) {
        container.lifecycle().lock();
        try {
            requireThere(container);
            if (container.state().isRunning()) {
                return Optional.empty();
            }
            try (PreparedTree tree = filesystems.prepareFiles(container, user)) {
                return container.rootLease().open(() -> Optional.of(MountView.ofTree(kernel, tree, filesystems.staging().toString(),
                        container.spec().files().readOnlyRoot())));
            } catch (RuntimeException failure) {
                mounts.unmount(container, user);
                throw failure;
            }
        } finally {
            container.lifecycle().unlock();
        }
    }

    /** @throws ApiException conflict, when the container is on its way out or gone */
    static void requireThere(Container container) {
        ContainerState state = container.state();
        if (state instanceof ContainerState.Removing || state instanceof ContainerState.Dead) {
            throw ApiException.conflict("container " + container.id() + " is being removed: its files cannot be reached");
        }
    }

    /** Its process is gone and its state may not say so yet. */
    private static void awaitEnd(Container container, Optional<ContainerState.Running> run) {
        CompletableFuture<Integer> end = container.nextExit(); // of this run, if it is still the present one after this
        if (run.isEmpty() || !container.state().currentRun().equals(run)) {
            return;
        }
        try {
            end.get(NEWS_OF_AN_END.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            throw ApiException.conflict("the process of container " + container.id() + " has ended and its end is not known yet: try again later");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the end of a container", interrupted);
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("the news of an exit never fails", impossible);
        }
    }
}
