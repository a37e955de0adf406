package io.berth.api.wire.volume;

import java.util.List;

/** The answer of {@code POST /volumes/prune}; {@code spaceReclaimed} in bytes. */
public record PrunedVolumes(List<String> volumesDeleted, long spaceReclaimed) {
}
