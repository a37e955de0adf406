package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.ContainerConfig;
import io.berth.api.wire.container.HostConfig;
import io.berth.api.wire.container.Mount;
import io.berth.daemon.spec.BindText;
import io.berth.daemon.spec.ContainerId;
import io.berth.daemon.spec.ContainerMount.HostFile;
import io.berth.daemon.spec.ContainerMount.InMemory;
import io.berth.daemon.spec.ContainerMount.InVolume;
import io.berth.daemon.spec.ContainerMount.OfImage;
import io.berth.daemon.spec.ContainerMount;
import io.berth.daemon.spec.MountOptions;
import io.berth.daemon.spec.MountPaths;
import io.berth.daemon.spec.MountText;
import io.berth.daemon.volume.Volume;
import io.berth.daemon.volume.VolumeName;
import io.berth.daemon.volume.VolumeRequest;
import io.berth.daemon.volume.Volumes;
import io.berth.linux.mount.MountSpec.Protection;
import io.berth.store.image.Images;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Decides what is mounted in a container that is being made, and lets go of it when the container goes: makes the volumes it
 * names and those without a name, takes over what other containers have mounted, finds images.
 */
final class ContainerMounts {

    /** Two descriptors of each go to the keeper with a start, in one message (unix(7), SCM_MAX_FD), and a few others. */
    private static final int MOST_MOUNTS = 100;

    private final Volumes volumes;
    private final Images images;
    private final Containers containers;
    private final Path dataRoot;

    ContainerMounts(Volumes volumes, Images images, Containers containers, Path dataRoot) {
        this.volumes = volumes;
        this.images = images;
        this.containers = containers;
        this.dataRoot = dataRoot;
    }

    /**
     * All mounts of a new container. Its volumes exist and are used by it when this returns; when it throws, nothing is left
     * but volumes that have a name.
     *
     * @param config with what the image says in it
     */
    List<ContainerMount> decide(ContainerConfig config, HostConfig host, ContainerId container, List<String> warnings) {
        Map<String, ContainerMount> byDestination = new LinkedHashMap<>();
        host.volumesFrom.stream().flatMap(from -> fromOther(from).stream()).forEach(mount -> byDestination.put(mount.destination(), mount));
        MountOptions.asked(host, dataRoot).forEach(mount -> byDestination.put(mount.destination(), mount));
        MountOptions.ofImage(config, Set.copyOf(byDestination.keySet())).forEach(mount -> byDestination.put(mount.destination(), mount));
        if (byDestination.size() > MOST_MOUNTS) {
            throw ApiException.invalid(byDestination.size() + " mounts: more than " + MOST_MOUNTS + " are not supported by this version of berth");
        }
        checkSources(byDestination);
        warn(host, warnings);
        List<ContainerMount> decided = new ArrayList<>();
        try {
            byDestination.values().forEach(mount -> decided.add(decided(mount, host, container)));
            return List.copyOf(decided);
        } catch (RuntimeException failure) {
            letGo(decided, container, true);
            throw failure;
        }
    }

    private ContainerMount decided(ContainerMount mount, HostConfig host, ContainerId container) {
        return switch (mount) {
            case HostFile file -> file;
            case InMemory memory -> memory;
            case OfImage content -> content.image().isEmpty() ? content.resolved(images.resolve(content.reference()).id().toString()) : content;
            case InVolume volume -> volume.named(acquire(volume, host, container).name().text());
        };
    }

    private Volume acquire(InVolume mount, HostConfig host, ContainerId container) {
        Optional<Mount> longForm = host.mounts.stream().filter(asked -> MountPaths.clean(asked.target()).equals(mount.destination())).findFirst();
        VolumeRequest wanted = longForm.map(MountText::request).orElseGet(() -> VolumeRequest.of(host.volumeDriver, Optional.empty(), Optional.empty()));
        return mount.volume().isEmpty() ? volumes.acquireAnonymous(wanted, container.hex())
                : volumes.acquire(new VolumeName(mount.volume()), wanted, container.hex());
    }

    /** {@code CONTAINER[:ro|:rw]}: everything it has mounted but what {@code --tmpfs} made. */
    private List<ContainerMount> fromOther(String text) {
        if (text.isEmpty()) {
            throw ApiException.invalid("volumes-from specification cannot be an empty string");
        }
        String[] parts = text.split(":", 2);
        String mode = parts.length == 2 ? parts[1] : "";
        if (!Set.of("", "ro", "rw", "z", "Z", "ro,z", "ro,Z", "rw,z", "rw,Z", "z,ro", "Z,ro", "z,rw", "Z,rw").contains(mode)) {
            throw ApiException.invalid("invalid mode: " + mode);
        }
        Container other = containers.find(parts[0]).orElseThrow(() -> ApiException.invalid("No such container: " + parts[0]));
        boolean readOnly = BindText.words(mode).contains("ro");
        List<ContainerMount> taken = new ArrayList<>();
        for (ContainerMount mount : other.definition().mounts()) {
            switch (mount) {
                case HostFile file -> taken.add(new HostFile(file.source(), file.destination(), "", protection(file.protection(), readOnly),
                        file.recursive(), file.propagation(), file.create()));
                case InVolume volume -> taken.add(new InVolume(volume.volume(), volume.destination(), "", protection(volume.protection(), readOnly),
                        volume.nameless(), false, volume.subpath()));
                case OfImage image -> taken.add(image);
                case InMemory memory -> {
                    if (memory.shown()) {
                        taken.add(memory);
                    }
                }
            }
        }
        return taken;
    }

    private static Protection protection(Protection own, boolean readOnly) {
        return own == Protection.NONE && readOnly ? Protection.TREE : own;
    }

    /** A source that --mount names must be there; one of -v is made at the start. */
    private static void checkSources(Map<String, ContainerMount> mounts) {
        for (ContainerMount mount : mounts.values()) {
            if (mount instanceof HostFile file && !file.create() && !Files.exists(Path.of(file.source()))) {
                throw missingSource(file);
            }
        }
    }

    static ApiException missingSource(HostFile file) {
        return MountPaths.invalid("bind", "bind source path does not exist: " + file.source());
    }

    private static void warn(HostConfig host, List<String> warnings) {
        if (!host.volumeDriver.isEmpty() && host.mounts.stream().anyMatch(mount -> mount.type().equals("volume"))) {
            warnings.add("WARNING: the container-wide volume-driver configuration is ignored for volumes specified via 'mount'."
                    + " Use '--mount type=volume,volume-driver=...' instead");
        }
        if (host.mounts.stream().anyMatch(mount -> mount.type().equals("image"))) {
            warnings.add("Image mount is an experimental feature");
        }
    }

    /** Whoever removes an image asks for its users; from now on the container counts, but not before. */
    void requireImages(List<ContainerMount> mounts) {
        for (ContainerMount mount : mounts) {
            if (mount instanceof OfImage content) {
                images.resolve(content.image());
            }
        }
    }

    /** At the start: a container that is known uses its volumes. */
    void adopt(Container container) {
        volumesOf(container.definition().mounts()).forEach(mount ->
                volumes.use(new VolumeName(mount.volume()), container.id().hex()));
    }

    /** A container's run, or a look at its files, has ended: what was mounted on the host for it alone is unmounted. */
    void unmount(Container container, String user) {
        volumesOf(container.definition().mounts()).forEach(mount -> volumes.letGo(new VolumeName(mount.volume()), user));
    }

    /** At the start, when it is known what runs; may wait for plugins, and for containers that are being started. */
    void settle() {
        Set<String> running = new HashSet<>();
        for (Container container : containers.list()) {
            container.lifecycle().lock(); // its end lets go of the same
            try {
                if (container.state().currentRun().isPresent()) {
                    running.add(container.id().hex());
                    volumesOf(container.definition().mounts()).forEach(mount -> volumes.runsWith(new VolumeName(mount.volume()), container.id().hex()));
                }
            } finally {
                container.lifecycle().unlock();
            }
        }
        volumes.settle(running::contains);
    }

    /** At the start, when all containers have been adopted. */
    void removeLost() {
        volumes.removeLost(container -> containers.find(container).isPresent());
    }

    /** Before the record of a container's removal: what was made for it stays. */
    void keep(Container container) {
        volumesOf(container.definition().mounts()).forEach(mount -> volumes.keep(new VolumeName(mount.volume())));
    }

    /**
     * After the removal.
     *
     * @param removed whether volumes without a name go as well, unless another container uses them
     */
    void letGo(List<ContainerMount> mounts, ContainerId container, boolean removed) {
        for (InVolume mount : volumesOf(mounts)) {
            VolumeName name = new VolumeName(mount.volume());
            volumes.release(name, container.hex());
            if (removed && mount.nameless()) {
                volumes.removeUnused(name);
            }
        }
    }

    private static List<InVolume> volumesOf(List<ContainerMount> mounts) {
        return mounts.stream().filter(InVolume.class::isInstance).map(InVolume.class::cast).toList();
    }
}
