package io.berth.api.wire.container;

import io.berth.api.wire.NullWhenEmpty;
import java.util.Map;

/** The networks a container is attached to at create, by name or id. */
public final class NetworkingConfig {
    @NullWhenEmpty public Map<String, EndpointSettings> endpointsConfig = Map.of();
}
