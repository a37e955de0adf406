package io.berth.daemon.container;

import io.berth.daemon.spec.ContainerMount.HostFile;
import io.berth.daemon.spec.ContainerMount.InMemory;
import io.berth.daemon.spec.ContainerMount.InVolume;
import io.berth.daemon.spec.ContainerMount.OfImage;
import io.berth.daemon.spec.ContainerMount;
import io.berth.daemon.volume.VolumeName;
import io.berth.linux.file.BytePath;
import io.berth.linux.file.RootedDirectory;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCallException;
import io.berth.linux.mount.MountFailure;
import io.berth.linux.mount.MountSpec;
import io.berth.linux.mount.MountTable;
import io.berth.linux.mount.Propagation;
import io.berth.store.content.Digest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What a container's mounts come to on this host, at each start anew: where volumes and layers are, and whether sources are there. */
final class MountSpecs {

    /** Where the content of a volume is. */
    interface VolumePlaces {
        /** Its directory, made when it is missing, and mounted for the user if it has to be. */
        Path of(VolumeName volume, String user);
    }

    /** Where the unpacked layers of an image are. */
    interface Layers {
        /** Their directories, the topmost first; at least two. */
        List<String> of(Digest image);
    }

    private final Kernel kernel;
    private final VolumePlaces volumes;
    private final Layers layers;
    private final Path dataRoot;

    MountSpecs(Kernel kernel, VolumePlaces volumes, Layers layers, Path dataRoot) {
        this.kernel = kernel;
        this.volumes = volumes;
        this.layers = layers;
        this.dataRoot = dataRoot;
    }

    /**
     * In the order of their depth, so that what lies below another comes after it. Makes the directories of the host that are
     * to be made. For a thread of {@link io.berth.linux.kernel.BlockingCalls} without a file mode mask.
     *
     * @param user for whom volumes are mounted that have to be
     */
    List<MountSpec> of(List<ContainerMount> mounts, String user) {
        List<MountSpec> specs = new ArrayList<>();
        mounts.forEach(mount -> specs.add(of(mount, user)));
        specs.sort(Comparator.comparingLong(spec -> spec.destination().toString().chars().filter(c -> c == '/').count()));
        return specs;
    }

    private MountSpec of(ContainerMount mount, String user) {
        BytePath destination = BytePath.of(mount.destination());
        return switch (mount) {
            case HostFile file -> bind(file, destination);
            case InVolume volume -> new MountSpec.Bind(BytePath.of(volumes.of(new VolumeName(volume.volume()), user).toString()),
                    part(volume.subpath()), destination, volume.protection(), true, Propagation.RPRIVATE);
            case InMemory memory -> new MountSpec.Tmpfs(destination, memory.attributes(), memory.options());
            case OfImage image -> new MountSpec.Layers(layers.of(Digest.parse(image.image())), part(image.subpath()), destination);
        };
    }

    private MountSpec bind(HostFile file, BytePath destination) {
        BytePath source = BytePath.of(file.source());
        if (file.create()) {
            makeSource(source);
        } else if (!Files.exists(Path.of(file.source()))) {
            throw ContainerMounts.missingSource(file);
        }
        // The reference forgives those that have its own files below them, which are slaves without having been asked for.
        if (file.propagation() != Propagation.RSLAVE || !dataRoot.startsWith(file.source())) {
            MountTable.require(kernel, file.propagation(), source);
        }
        return new MountSpec.Bind(source, Optional.empty(), destination, file.protection(), file.recursive(), file.propagation());
    }

    private static Optional<BytePath> part(String subpath) {
        return subpath.isEmpty() ? Optional.empty() : Optional.of(BytePath.of(subpath));
    }

    /** Leaves alone what is there, whatever it is. */
    private void makeSource(BytePath source) {
        try (RootedDirectory host = RootedDirectory.container(kernel, new FileCalls(kernel).open("/", FileCalls.O_PATH, 0))) {
            host.createMountPoint(source, RootedDirectory.MountPoint.DIRECTORY).close();
        } catch (SystemCallException failure) {
            throw new MountFailure("make the directory " + source + " of the host, to mount it", failure);
        }
    }
}
