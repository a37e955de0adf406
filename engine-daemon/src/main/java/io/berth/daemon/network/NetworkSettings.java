package io.berth.daemon.network;

import io.berth.daemon.network.address.SubnetPools;
import io.berth.daemon.network.definition.AddressRange;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the administrator has to say about networks.
 *
 * @param pools         {@code default-address-pools}, see {@link SubnetPools#of}
 * @param bridgeRange   of the predefined bridge ({@code bip}, {@code fixed-cidr}, {@code default-gateway}); empty: from the pools
 * @param bridgeOptions of the predefined bridge, as those of any network ({@code mtu}, {@code icc}, {@code ip-masq}, {@code ip})
 */
public record NetworkSettings(List<SubnetPools.Pool> pools, Optional<AddressRange> bridgeRange, Map<String, String> bridgeOptions) {

    public static final NetworkSettings DEFAULT = new NetworkSettings(List.of(), Optional.empty(), Map.of());

    public NetworkSettings {
        pools = List.copyOf(pools);
        bridgeOptions = Map.copyOf(bridgeOptions);
    }
}
