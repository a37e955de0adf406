package io.berth.daemon.network;

import java.util.Optional;

/**
 * A network as inspect shows it.
 *
 * @param range the addresses of its containers; of the bridge only, and only once the bridge has been made
 */
public record Network(NetworkId id, NetworkKind kind, Optional<AddressRange> range) {

    /** The bridge's subnet and the bridge's own address in it. */
    public record AddressRange(Subnet subnet, Ipv4Address gateway) {

        public AddressRange {
            if (!subnet.contains(gateway)) {
                throw new IllegalArgumentException("gateway " + gateway + " is not in " + subnet);
            }
        }
    }

    public String name() {
        return kind.toString();
    }
}
