package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.daemon.spec.ContainerId;
import io.berth.daemon.spec.ContainerMount.InVolume;
import io.berth.daemon.spec.ContainerMount;
import io.berth.daemon.volume.VolumeName;
import io.berth.daemon.volume.Volumes;
import io.berth.linux.file.BytePath;
import io.berth.linux.file.Directory;
import io.berth.linux.file.FileStatus;
import io.berth.linux.file.RootedDirectory;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCallException;
import io.berth.store.content.Digest;
import java.util.List;
import java.util.Optional;

/** Fills the volumes of a new container, where they are empty, with what its image has at their place. */
final class VolumeFilling {

    private final Kernel kernel;
    private final RootFilesystem filesystems;
    private final Volumes volumes;

    VolumeFilling(Kernel kernel, RootFilesystem filesystems, Volumes volumes) {
        this.kernel = kernel;
        this.filesystems = filesystems;
        this.volumes = volumes;
    }

    /** @throws ApiException invalid, when a volume without a name is to cover a file of the image */
    void fill(ContainerId container, Digest image, List<ContainerMount> mounts) {
        List<InVolume> filled = mounts.stream().filter(InVolume.class::isInstance).map(InVolume.class::cast).filter(InVolume::filled).toList();
        if (filled.isEmpty()) {
            return;
        }
        try (RootedDirectory root = RootedDirectory.container(kernel, filesystems.imageTree(image))) {
            filled.forEach(mount -> fill(root, container, mount));
        }
    }

    private void fill(RootedDirectory root, ContainerId container, InVolume mount) {
        Optional<Fd> found = find(root, BytePath.of(mount.destination()));
        if (found.isEmpty()) {
            return;
        }
        try (Fd place = found.get()) {
            if (FileStatus.of(kernel, place).isDirectory()) {
                try (Directory from = root.directory(BytePath.of(mount.destination()))) {
                    volumes.fill(new VolumeName(mount.volume()), container.hex(), from);
                }
            } else if (mount.nameless()) {
                throw ApiException.invalid("cannot mount volume over existing file, file exists " + mount.destination());
            }
        }
    }

    private static Optional<Fd> find(RootedDirectory root, BytePath path) {
        try {
            return Optional.of(root.open(path, FileCalls.O_PATH));
        } catch (SystemCallException failure) {
            if (failure.errno() == Errno.ENOENT || failure.errno() == Errno.ENOTDIR || failure.errno() == Errno.ELOOP) {
                return Optional.empty(); // the start says what is wrong with it, if anything
            }
            throw failure;
        }
    }
}
