package io.berth.api.wire.network;

import io.berth.api.wire.NullWhenEmpty;
import java.util.List;

/** The networks that prune has removed, by name. */
public record PrunedNetworks(@NullWhenEmpty List<String> networksDeleted) {
}
