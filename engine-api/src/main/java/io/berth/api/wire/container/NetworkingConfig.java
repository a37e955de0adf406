package io.berth.api.wire.container;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.berth.api.wire.NullWhenEmpty;
import java.util.Map;

/** The networks a container is attached to at create, by name or id. */
public final class NetworkingConfig {
    /** Null is a network without settings of its own. */
    @JsonSetter(contentNulls = Nulls.AS_EMPTY)
    @NullWhenEmpty public Map<String, EndpointSettings> endpointsConfig = Map.of();
}
