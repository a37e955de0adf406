package io.berth.daemon.boot;

import io.berth.api.container.ContainerOperations;
import io.berth.api.container.ListContainers;
import io.berth.api.http.Filters;
import io.berth.api.image.ImageOperations;
import io.berth.api.image.ListImages;
import io.berth.api.system.DiskUsageType;
import io.berth.api.wire.container.ContainerSummary;
import io.berth.api.wire.image.ImageSummary;
import io.berth.api.wire.system.DiskUsage;
import io.berth.daemon.system.Census;
import io.berth.daemon.volume.VolumeService;
import io.berth.store.ImageStore;
import io.berth.store.image.StoredImage;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** Counts with the API's own operations, so that info and df agree with ps and images. */
final class EngineCensus implements Census {

    private final ContainerOperations containers;
    private final ImageOperations images;
    private final VolumeService volumes;
    private final ImageStore store;

    EngineCensus(ContainerOperations containers, ImageOperations images, VolumeService volumes, ImageStore store) {
        this.containers = containers;
        this.images = images;
        this.volumes = volumes;
        this.store = store;
    }

    @Override
    public Containers containers() {
        List<ContainerSummary> all = containers.list(new ListContainers(true, OptionalInt.empty(), false, Filters.NONE));
        int running = (int) all.stream().filter(container -> container.state().equals("running")).count();
        int paused = (int) all.stream().filter(container -> container.state().equals("paused")).count();
        return new Containers(running, paused, all.size() - running - paused);
    }

    @Override
    public int images() {
        return store.images().list().size();
    }

    @Override
    public DiskUsage diskUsage(Set<DiskUsageType> types) {
        List<ImageSummary> listed = types.contains(DiskUsageType.IMAGE) ? images.list(new ListImages(true, true, Filters.NONE)) : List.of();
        List<ContainerSummary> measured = types.contains(DiskUsageType.CONTAINER)
                ? containers.list(new ListContainers(true, OptionalInt.empty(), true, Filters.NONE)) : List.of();
        return new DiskUsage(types.contains(DiskUsageType.IMAGE) ? layersSize() : 0, listed, measured,
                types.contains(DiskUsageType.VOLUME) ? volumes.usage() : List.of(), List.of());
    }

    /** Every layer once. */
    private long layersSize() {
        return store.images().list().stream().flatMap(image -> image.layers().stream()).distinct()
                .mapToLong(StoredImage.Layer::contentSize).sum();
    }
}
