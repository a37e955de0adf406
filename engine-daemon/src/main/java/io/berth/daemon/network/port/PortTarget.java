package io.berth.daemon.network.port;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.firewall.GatewayMode;
import java.util.Optional;

/** Where a container's published ports lead: of each family to the endpoint that has its default route. */
public record PortTarget(Optional<Destination> ipv4, Optional<Destination> ipv6) {

    /** Nowhere: the container is on internal networks only, or on none. */
    public static final PortTarget NOWHERE = new PortTarget(Optional.empty(), Optional.empty());

    /** An address of the container, and how its network publishes. */
    public record Destination(IpAddress address, GatewayMode mode) {
    }

    Optional<Destination> of(IpFamily family) {
        return family == IpFamily.V4 ? ipv4 : ipv6;
    }

    /**
     * Where connections to an address of this family end: in the same family if the container has it; those of IPv6 go to a
     * container that has none by a relay.
     */
    Optional<IpAddress> reachedBy(IpFamily family) {
        return of(family).or(() -> family == IpFamily.V6 ? ipv4 : Optional.empty()).map(Destination::address);
    }

    /** Whether containers are reached in this family at their own addresses, and ports of the host have no part in it. */
    boolean isRouted(IpFamily family) {
        return of(family).filter(destination -> destination.mode() == GatewayMode.ROUTED).isPresent();
    }
}
