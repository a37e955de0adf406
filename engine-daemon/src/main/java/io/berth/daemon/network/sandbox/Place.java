package io.berth.daemon.network.sandbox;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.address.MacAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A container's link to a network and the addresses on it.
 *
 * @param link            its name in the container, {@code eth0}
 * @param linkLocal       further addresses that were asked for
 * @param gatewayPriority the endpoint with the highest one has the default route; among equals the network's name decides
 */
public record Place(String link, MacAddress mac, Optional<Assigned> ipv4, Optional<Assigned> ipv6, List<IpAddress> linkLocal, int gatewayPriority) {

    public Place {
        linkLocal = List.copyOf(linkLocal);
    }

    /** @param gateway the way out of the network, when it has one */
    public record Assigned(IpAddress address, int prefixLength, Optional<IpAddress> gateway) {
    }

    public Optional<Assigned> assigned(IpFamily family) {
        return family == IpFamily.V4 ? ipv4 : ipv6;
    }

    /** Of both families. */
    public List<Assigned> assigned() {
        return Stream.of(ipv4, ipv6).flatMap(Optional::stream).toList();
    }
}
