package io.berth.daemon.network.sandbox;

import io.berth.daemon.network.port.PortBinding;
import java.util.List;
import java.util.Optional;

/**
 * What a container that starts wants of networks.
 *
 * @param containerName for the messages of failures
 * @param endpoints     {@code host} and {@code none} stand alone; none at all: loopback only
 * @param ports         to publish; only a bridge can, the others pass over them as the reference does
 * @param names         how it wants names resolved, where a network of it has a resolver
 */
public record SandboxRequest(String containerId, String containerName, List<EndpointRequest> endpoints, List<PortBinding> ports,
        Optional<NameSettings> names) {

    public SandboxRequest {
        endpoints = List.copyOf(endpoints);
        ports = List.copyOf(ports);
    }
}
