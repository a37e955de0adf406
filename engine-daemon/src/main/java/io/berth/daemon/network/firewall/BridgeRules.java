package io.berth.daemon.network.firewall;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.Subnet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the table has to know of one bridge.
 *
 * @param link              the bridge's name
 * @param ipv4              empty when the network has no such addresses
 * @param internal          nothing leaves the bridge and nothing enters it
 * @param icc               whether its containers reach each other. Between ports of the bridge that is for the bridge to say;
 *                          here it is about packets that the host would route back to where they came from
 * @param trustedInterfaces links of the host from which published ports are reached at the containers' own addresses too
 */
public record BridgeRules(String link, Optional<Family> ipv4, Optional<Family> ipv6, boolean internal, boolean icc,
        List<String> trustedInterfaces) {

    public BridgeRules {
        trustedInterfaces = List.copyOf(trustedInterfaces);
    }

    /**
     * Its addresses of one family.
     *
     * @param masquerade whether the source of what leaves the bridge becomes the host's address; where it is {@code routed} it
     *                   does not
     * @param source     that address, when it is to be a certain one
     */
    public record Family(Subnet subnet, GatewayMode mode, boolean masquerade, Optional<IpAddress> source) {

        /** {@code nat}, masqueraded: what a network is when nobody says anything. */
        public static Family of(Subnet subnet) {
            return new Family(subnet, GatewayMode.NAT, true, Optional.empty());
        }

        boolean hidesItsContainers() {
            return masquerade && mode.translates();
        }
    }

    List<Family> families() {
        return Stream.of(ipv4, ipv6).flatMap(Optional::stream).toList();
    }

    /** The subnets where published ports are to be reached at the containers' own addresses. */
    List<Subnet> opened() {
        return families().stream().filter(family -> family.mode() == GatewayMode.ROUTED || !trustedInterfaces.isEmpty())
                .map(Family::subnet).toList();
    }
}
