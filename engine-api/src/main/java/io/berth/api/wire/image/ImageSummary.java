package io.berth.api.wire.image;

import io.berth.api.wire.NullWhenEmpty;
import io.berth.api.wire.OmitEmpty;
import java.util.List;
import java.util.Map;

/**
 * One line of {@code docker images}.
 *
 * @param containers how many containers use it, -1 when not counted
 * @param created seconds since 1970
 * @param descriptor of the document by which the image came, or null
 * @param manifests what that document names; empty unless asked for
 * @param sharedSize bytes shared with other images, -1 when not computed
 * @param virtualSize the size once more, as versions before 1.44 tell it
 */
public record ImageSummary(long containers, long created, String id, @NullWhenEmpty Map<String, String> labels, String parentId,
                           @OmitEmpty ImageDescriptor descriptor, @OmitEmpty List<ManifestSummary> manifests, List<String> repoDigests,
                           List<String> repoTags, long sharedSize, long size, @OmitEmpty long virtualSize) {

    /** With other sizes. */
    public ImageSummary withSizes(long newSize, long newSharedSize) {
        return new ImageSummary(containers, created, id, labels, parentId, descriptor, manifests, repoDigests, repoTags, newSharedSize,
                newSize, virtualSize);
    }

    /** As versions before 1.44 show it. */
    public ImageSummary withVirtualSize() {
        return new ImageSummary(containers, created, id, labels, parentId, descriptor, manifests, repoDigests, repoTags, sharedSize, size, size);
    }
}
