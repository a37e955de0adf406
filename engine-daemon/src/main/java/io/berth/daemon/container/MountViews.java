package io.berth.daemon.container;

import io.berth.api.wire.container.MountPoint;
import io.berth.daemon.spec.ContainerMount.HostFile;
import io.berth.daemon.spec.ContainerMount.InMemory;
import io.berth.daemon.spec.ContainerMount.InVolume;
import io.berth.daemon.spec.ContainerMount.OfImage;
import io.berth.daemon.spec.ContainerMount;
import io.berth.daemon.volume.VolumeName;
import io.berth.linux.mount.MountCalls;
import io.berth.linux.mount.MountSpec.Protection;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** The mounts of a container as list and inspect show them. */
final class MountViews {

    private final Function<VolumeName, String> places;
    private final Function<VolumeName, String> drivers;

    /**
     * @param places where the content of a volume is; asked without touching the disk
     * @param drivers who keeps it
     */
    MountViews(Function<VolumeName, String> places, Function<VolumeName, String> drivers) {
        this.places = places;
        this.drivers = drivers;
    }

    List<MountPoint> of(List<ContainerMount> mounts) {
        return mounts.stream().flatMap(this::of).toList();
    }

    private Stream<MountPoint> of(ContainerMount mount) {
        return switch (mount) {
            case HostFile file -> Stream.of(new MountPoint("bind", "", file.source(), file.destination(), "", file.mode(),
                    file.protection() == Protection.NONE, file.propagation().toString()));
            case InVolume volume -> Stream.of(new MountPoint("volume", volume.volume(), places.apply(new VolumeName(volume.volume())),
                    volume.destination(), drivers.apply(new VolumeName(volume.volume())), volume.mode(), volume.protection() == Protection.NONE, ""));
            case InMemory memory -> memory.shown() ? Stream.of(new MountPoint("tmpfs", "", "", memory.destination(), "", "",
                    (memory.attributes() & MountCalls.ATTR_READ_ONLY) == 0, "")) : Stream.empty();
            // Its layers are stacked in the container's own namespace: no path of the host leads to the whole.
            case OfImage image -> Stream.of(new MountPoint("image", image.reference(), "", image.destination(), "", "", false, "rprivate"));
        };
    }
}
