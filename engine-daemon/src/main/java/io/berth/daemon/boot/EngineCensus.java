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
import io.berth.daemon.volume.Volume;
import io.berth.daemon.volume.VolumeService;
import io.berth.daemon.volume.plugin.VolumePlugins;
import io.berth.store.DiskUse;
import io.berth.store.ImageStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Counts with the API's own operations, so that info and df agree with ps and images. */
final class EngineCensus implements Census {

    private final ContainerOperations containers;
    private final ImageOperations images;
    private final VolumeService volumes;
    private final VolumePlugins plugins;
    private final ImageStore store;

    EngineCensus(ContainerOperations containers, ImageOperations images, VolumeService volumes, VolumePlugins plugins, ImageStore store) {
        this.containers = containers;
        this.images = images;
        this.volumes = volumes;
        this.plugins = plugins;
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
    public List<String> volumeDrivers() {
        return Stream.concat(Stream.of(Volume.DRIVER), plugins.usable().stream()).toList();
    }

    @Override
    public int images() {
        return store.images().list().size();
    }

    @Override
    public DiskUsage diskUsage(Set<DiskUsageType> types) {
        boolean ofImages = types.contains(DiskUsageType.IMAGE);
        return new DiskUsage(ofImages ? store.diskUse().total() : 0, ofImages ? measuredImages() : null,
                types.contains(DiskUsageType.CONTAINER) ? containers.list(new ListContainers(true, OptionalInt.empty(), true, Filters.NONE)) : null,
                types.contains(DiskUsageType.VOLUME) ? volumes.usage() : null,
                types.contains(DiskUsageType.BUILD_CACHE) ? List.of() : null);
    }

    /** With what they take on the disk, so that the sum of what each has alone and of what is shared, once, is that of all layers. */
    private List<ImageSummary> measuredImages() {
        DiskUse disk = store.diskUse();
        Map<String, Set<DiskUse.Part>> parts = new HashMap<>();
        store.images().list().forEach(image -> parts.put(image.id().toString(), DiskUse.partsOf(image)));
        Map<DiskUse.Part, Long> uses = parts.values().stream().flatMap(Set::stream)
                .collect(Collectors.groupingBy(part -> part, Collectors.counting()));
        return images.list(new ListImages(true, false, false, Filters.NONE)).stream().map(image -> {
            Set<DiskUse.Part> all = parts.getOrDefault(image.id(), Set.of());
            return image.withSizes(disk.of(all), disk.of(all.stream().filter(part -> uses.get(part) > 1).toList()));
        }).toList();
    }
}
