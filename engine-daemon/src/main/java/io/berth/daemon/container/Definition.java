package io.berth.daemon.container;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.berth.api.wire.container.ContainerConfig;
import io.berth.api.wire.container.EndpointSettings;
import io.berth.api.wire.container.HostConfig;
import io.berth.store.content.Digest;
import java.util.Map;

/**
 * What a container was created from, as it is written down and as inspect repeats it: the configuration with the image's
 * defaults in it, and the host configuration with the engine's.
 *
 * @param created RFC 3339
 * @param image the id of the image; {@code config.image} is the name the client used
 * @param networks the networks asked for, by name
 */
record Definition(String id, String name, String created, String image, ContainerConfig config, HostConfig hostConfig,
        Map<String, EndpointSettings> networks) {

    ContainerId containerId() {
        return new ContainerId(id);
    }

    Digest imageId() {
        return Digest.parse(image);
    }

    Definition named(String other) {
        return new Definition(id, other, created, image, config, hostConfig, networks);
    }

    Definition with(HostConfig changed) {
        return new Definition(id, name, created, image, config, changed, networks);
    }
}
