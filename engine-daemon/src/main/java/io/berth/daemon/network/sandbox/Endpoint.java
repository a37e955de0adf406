package io.berth.daemon.network.sandbox;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.definition.EndpointId;
import io.berth.daemon.network.definition.NetworkId;
import java.util.List;
import java.util.Optional;

/**
 * A container's connection to one network.
 *
 * @param names under which the other containers of the network find it, besides its address
 * @param place where it is; empty for the networks {@code host} and {@code none}
 */
public record Endpoint(EndpointId id, NetworkId network, List<String> names, Optional<Place> place) {

    public Endpoint {
        names = List.copyOf(names);
    }

    /** Its address of a family. */
    public Optional<IpAddress> address(IpFamily family) {
        return place.flatMap(known -> known.assigned(family)).map(Place.Assigned::address);
    }
}
