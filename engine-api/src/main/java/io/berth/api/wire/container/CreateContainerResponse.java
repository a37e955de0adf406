package io.berth.api.wire.container;

import java.util.List;

/** The answer of create. */
public record CreateContainerResponse(String id, List<String> warnings) {
}
