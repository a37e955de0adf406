package io.berth.api.wire.container;

import io.berth.api.wire.NullWhenEmpty;
import java.util.List;

/** The containers that prune has removed, by id, and the bytes that were won. */
public record PruneContainersResponse(@NullWhenEmpty List<String> containersDeleted, long spaceReclaimed) {
}
