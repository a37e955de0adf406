package io.berth.daemon.network.definition;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.address.Subnet;
import java.util.Map;
import java.util.Optional;

/**
 * One subnet of a network, and what of it is given out.
 *
 * @param gateway       the way out that containers get, on a bridge the bridge's own address; empty when there is none
 * @param range         the part of the subnet from which addresses are given out; empty: all of it
 * @param auxiliary     addresses by name that are never given out: others have them
 * @param subnetChosen  by the client; otherwise it comes from the pools, and containers cannot ask for certain addresses
 * @param gatewayChosen by the client
 */
public record AddressRange(Subnet subnet, Optional<IpAddress> gateway, Optional<Subnet> range, Map<String, IpAddress> auxiliary,
        boolean subnetChosen, boolean gatewayChosen) {

    public AddressRange {
        auxiliary = Map.copyOf(auxiliary);
        gateway.ifPresent(address -> {
            if (!subnet.contains(address)) {
                throw new IllegalArgumentException("gateway " + address + " is not in " + subnet);
            }
        });
        range.ifPresent(part -> {
            if (!subnet.contains(part)) {
                throw new IllegalArgumentException("range " + part + " is not in " + subnet);
            }
        });
    }

    /**
     * Where containers on a bridge send what is for elsewhere: the bridge's own address, unless an auxiliary one has the name by which the
     * reference, too, knows another machine of the subnet as their gateway.
     */
    public Optional<IpAddress> wayOut() {
        return Optional.ofNullable(auxiliary.get(wayOutName(subnet.family()))).or(() -> gateway);
    }

    /** The name of the auxiliary address that is the containers' gateway. */
    public static String wayOutName(IpFamily family) {
        return "DefaultGateway" + family;
    }

    /** A subnet of the pools that is given out as a whole. */
    public static AddressRange of(Subnet subnet, IpAddress gateway) {
        return new AddressRange(subnet, Optional.of(gateway), Optional.empty(), Map.of(), false, false);
    }
}
