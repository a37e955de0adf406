package io.berth.api.wire.system;

import io.berth.api.wire.container.ContainerSummary;
import io.berth.api.wire.image.ImageSummary;
import io.berth.api.wire.volume.InspectVolume;
import java.util.List;

/** The answer of {@code GET /system/df}; {@code layersSize} are the bytes of all unpacked layers, each counted once. */
public record DiskUsage(long layersSize, List<ImageSummary> images, List<ContainerSummary> containers, List<InspectVolume> volumes,
                        List<Object> buildCache) {
}
