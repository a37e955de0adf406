package io.berth.api.wire.image;

import io.berth.api.wire.NullWhenEmpty;
import java.util.List;
import java.util.Map;

/**
 * One line of {@code docker images}.
 *
 * @param containers how many containers use it, -1 when not counted
 * @param created seconds since 1970
 * @param sharedSize bytes shared with other images, -1 when not computed
 */
public record ImageSummary(long containers, long created, String id, @NullWhenEmpty Map<String, String> labels, String parentId,
                           List<String> repoDigests, List<String> repoTags, long sharedSize, long size) {
}
