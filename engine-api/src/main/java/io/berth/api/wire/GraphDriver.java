package io.berth.api.wire;

import java.util.Map;

/** How the root filesystem of a container or an image is stored. */
public record GraphDriver(Map<String, String> data, String name) {
}
