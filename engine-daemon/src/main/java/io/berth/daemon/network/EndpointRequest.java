package io.berth.daemon.network;

import java.util.List;
import java.util.Optional;

/**
 * What a container wants of a network.
 *
 * @param container its name, for the messages of failures
 * @param ports     to publish; only a bridge can, the others pass over them as the reference does
 * @param mac       of the container's end; one is made from its address otherwise
 */
public record EndpointRequest(NetworkKind network, String container, List<PortBinding> ports, Optional<MacAddress> mac) {

    public EndpointRequest {
        ports = List.copyOf(ports);
    }
}
