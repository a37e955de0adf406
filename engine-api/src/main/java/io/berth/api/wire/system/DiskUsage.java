package io.berth.api.wire.system;

import io.berth.api.wire.container.ContainerSummary;
import io.berth.api.wire.image.ImageSummary;
import io.berth.api.wire.volume.InspectVolume;
import java.util.List;

/**
 * The answer of {@code GET /system/df}; {@code layersSize} are the bytes that all layers take on the disk, each counted once. A list that was
 * not asked for is null.
 */
public record DiskUsage(long layersSize, List<ImageSummary> images, List<ContainerSummary> containers, List<InspectVolume> volumes,
                        List<Object> buildCache) {
    /** As versions before 1.44 show it. */
    public DiskUsage withVirtualSizes() {
        return new DiskUsage(layersSize, images == null ? null : images.stream().map(ImageSummary::withVirtualSize).toList(), containers,
                volumes, buildCache);
    }
}
