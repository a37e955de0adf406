package io.berth.api.wire.system;

import io.berth.api.wire.NullWhenEmpty;
import java.util.List;

/** The caches of builds that prune has removed, by id, and the bytes that were won. */
public record PrunedCaches(@NullWhenEmpty List<String> cachesDeleted, long spaceReclaimed) {
}
