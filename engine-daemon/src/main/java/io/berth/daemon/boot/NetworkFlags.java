package io.berth.daemon.boot;

import io.berth.daemon.network.NetworkSettings;
import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.Subnet;
import io.berth.daemon.network.address.SubnetPools;
import io.berth.daemon.network.definition.AddressRange;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What the administrator has to say about networks, from texts; each refuses with the reason alone. */
final class NetworkFlags {

    private static final int SMALLEST_MTU = 68; // of IPv4, RFC 791

    private NetworkFlags() {
    }

    /** @param options of the default bridge that were given, by the names that those of any network have */
    static NetworkSettings of(List<String> pools, Optional<String> bridge, Optional<String> part, Map<String, String> options) {
        if (part.isPresent() && bridge.isEmpty()) {
            throw new SettingsException("--" + Setting.FIXED_CIDR.flag() + " is a part of the subnet of --" + Setting.BIP.flag() + ", which is not given");
        }
        try {
            return new NetworkSettings(pools.stream().map(NetworkFlags::pool).toList(),
                    bridge.map(text -> range(text, part.map(Subnet::parse))), options);
        } catch (IllegalArgumentException invalid) {
            throw new SettingsException("--" + Setting.BIP.flag() + " and --" + Setting.FIXED_CIDR.flag() + ": " + invalid.getMessage());
        }
    }

    private static AddressRange range(String bridge, Optional<Subnet> part) {
        return new AddressRange(bridge(bridge), Optional.of(address(bridge)), part, Map.of(), true, true);
    }

    /** The subnet around an address, {@code 192.168.5.1/24}. */
    static Subnet bridge(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,2}")) {
            throw new IllegalArgumentException("not an address with the length of its prefix");
        }
        if (!address(text).isV4()) {
            throw new IllegalArgumentException("not an IPv4 address");
        }
        Subnet subnet = Subnet.around(address(text), Integer.parseInt(text.substring(slash + 1)));
        if (subnet.network().equals(address(text))) {
            throw new IllegalArgumentException("the address of the network itself");
        }
        return subnet;
    }

    private static IpAddress address(String bridge) {
        return IpAddress.parse(bridge.substring(0, bridge.indexOf('/')));
    }

    /** {@code base=10.10.0.0/16,size=24} */
    static SubnetPools.Pool pool(String text) {
        Map<String, String> parts = Arrays.stream(text.split(",")).map(Values::pair)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (former, later) -> later, LinkedHashMap::new));
        if (!parts.keySet().equals(Set.of("base", "size"))) {
            throw new IllegalArgumentException("not base=SUBNET,size=LENGTH OF PREFIXES");
        }
        if (!parts.get("size").matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException("the size is not the length of a prefix");
        }
        return new SubnetPools.Pool(Subnet.parse(parts.get("base")), Integer.parseInt(parts.get("size")));
    }

    static void mtu(String text) {
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) < SMALLEST_MTU || Integer.parseInt(text) > 65535) {
            throw new IllegalArgumentException("not a number from " + SMALLEST_MTU + " to 65535");
        }
    }
}
