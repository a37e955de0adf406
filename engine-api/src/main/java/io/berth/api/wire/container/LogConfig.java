package io.berth.api.wire.container;

import java.util.Map;

/** Where the output of a container goes. */
public record LogConfig(String type, Map<String, String> config) {
}
