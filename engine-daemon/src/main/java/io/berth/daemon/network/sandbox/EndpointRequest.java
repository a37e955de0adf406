package io.berth.daemon.network.sandbox;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.MacAddress;
import io.berth.daemon.network.definition.NetworkId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a container wants of one network.
 *
 * @param mac             of the container's end; one is made from its address otherwise
 * @param ipv4            a certain address; otherwise a free one
 * @param linkLocal       further addresses for its link
 * @param names           under which others of the network find it
 * @param links           see {@link Endpoint}
 * @param driverOptions   as {@code com.docker.network.endpoint.ifname}
 * @param gatewayPriority see {@link Place}
 */
public record EndpointRequest(NetworkId network, Optional<MacAddress> mac, Optional<IpAddress> ipv4, Optional<IpAddress> ipv6,
        List<IpAddress> linkLocal, List<String> names, Map<String, String> links, Map<String, String> driverOptions,
        int gatewayPriority) {

    public EndpointRequest {
        linkLocal = List.copyOf(linkLocal);
        names = List.copyOf(names);
        links = Map.copyOf(links);
        driverOptions = Map.copyOf(driverOptions);
    }

    /** Everything left to the network. */
    public static EndpointRequest of(NetworkId network) {
        return new EndpointRequest(network, Optional.empty(), Optional.empty(), Optional.empty(), List.of(), List.of(), Map.of(), Map.of(), 0);
    }

    /** The same with a MAC of the client's choice. */
    public EndpointRequest withMac(Optional<MacAddress> chosen) {
        return new EndpointRequest(network, chosen, ipv4, ipv6, linkLocal, names, links, driverOptions, gatewayPriority);
    }
}
