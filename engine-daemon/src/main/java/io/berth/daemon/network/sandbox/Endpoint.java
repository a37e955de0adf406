package io.berth.daemon.network.sandbox;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.definition.EndpointId;
import io.berth.daemon.network.definition.NetworkId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A container's connection to one network.
 *
 * @param names under which the other containers of the network find it, besides its address
 * @param links names that it alone has for others of the network: by alias, what they are called there
 * @param place where it is; empty for the networks {@code host} and {@code none}
 */
public record Endpoint(EndpointId id, NetworkId network, List<String> names, Map<String, String> links, Optional<Place> place) {

    public Endpoint {
        names = List.copyOf(names);
        links = Map.copyOf(links);
    }

    public Endpoint(EndpointId id, NetworkId network, List<String> names, Optional<Place> place) {
        this(id, network, names, Map.of(), place);
    }

    /** The same under other names. */
    public Endpoint named(List<String> others) {
        return new Endpoint(id, network, others, links, place);
    }

    /** Its address of a family. */
    public Optional<IpAddress> address(IpFamily family) {
        return place.flatMap(known -> known.assigned(family)).map(Place.Assigned::address);
    }
}
