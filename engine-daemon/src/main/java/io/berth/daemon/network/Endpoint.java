package io.berth.daemon.network;

import java.util.List;
import java.util.Optional;

/**
 * A container's connection to a network, as it is written down and handed to {@link Networks#reconcile} after a restart
 * of the daemon.
 *
 * @param place where it is on the bridge; empty for the networks {@code host} and {@code none}
 */
public record Endpoint(EndpointId id, NetworkId network, Optional<Place> place, List<PublishedPort> ports) {

    public Endpoint {
        ports = List.copyOf(ports);
    }

    /** The container's address with its prefix, its way out, and its link's MAC. */
    public record Place(Ipv4Address address, int prefixLength, Ipv4Address gateway, MacAddress mac) {
    }
}
