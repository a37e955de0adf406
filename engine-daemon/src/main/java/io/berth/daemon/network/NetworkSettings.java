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
 * @param bridgeIpv6    whether the predefined bridge has IPv6 too ({@code ipv6})
 * @param bridgeRangeV6 of the predefined bridge ({@code fixed-cidr-v6}); empty: from the pools
 * @param bridgeOptions of the predefined bridge, as those of any network ({@code mtu}, {@code icc}, {@code ip-masq}, {@code ip})
 * @param forwards      whether bridges make the host forward packets ({@code ip-forward})
 * @param relays        whether ports are answered also where the kernel cannot redirect them ({@code userland-proxy})
 */
public record NetworkSettings(List<SubnetPools.Pool> pools, Optional<AddressRange> bridgeRange, boolean bridgeIpv6, Optional<AddressRange> bridgeRangeV6,
        Map<String, String> bridgeOptions, boolean forwards, boolean relays) {

    public static final NetworkSettings DEFAULT = new NetworkSettings(List.of(), Optional.empty(), false, Optional.empty(), Map.of(), true, true);

    public NetworkSettings {
        pools = List.copyOf(pools);
        bridgeOptions = Map.copyOf(bridgeOptions);
    }
}
