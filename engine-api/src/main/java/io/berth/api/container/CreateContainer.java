package io.berth.api.container;

import io.berth.api.wire.container.CreateContainerBody;
import java.util.Optional;

/**
 * @param name as the client wrote it; absent lets the engine choose one
 * @param platform such as {@code linux/arm64}
 */
public record CreateContainer(Optional<String> name, Optional<String> platform, CreateContainerBody body) {
}
