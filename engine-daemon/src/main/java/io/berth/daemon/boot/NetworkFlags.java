package io.berth.daemon.boot;

import io.berth.daemon.network.NetworkSettings;
import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
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

    private static final int LONGEST_PREFIX_V6 = 126;
    private static final int SMALLEST_MTU = 68; // of IPv4, RFC 791

    private NetworkFlags() {
    }

    /**
     * What was said about the default bridge.
     *
     * @param address with the length of its prefix
     * @param part    of the subnet around it that containers get addresses of
     * @param gateway of the containers, in that subnet
     * @param options by the names that those of any network have
     */
    record DefaultBridge(Optional<String> address, Optional<String> part, Optional<String> gateway, boolean ipv6, Optional<String> subnetV6,
            Map<String, String> options) {
    }

    static NetworkSettings of(List<String> pools, DefaultBridge bridge, boolean forwards, boolean relays) {
        bridge.part().filter(part -> bridge.address().isEmpty()).ifPresent(part -> {
            throw new SettingsException("--" + Setting.FIXED_CIDR.flag() + " is a part of the subnet of --" + Setting.BIP.flag() + ", which is not given");
        });
        bridge.gateway().filter(gateway -> bridge.address().isEmpty()).ifPresent(gateway -> {
            throw new SettingsException("--" + Setting.DEFAULT_GATEWAY.flag() + " is in the subnet of --" + Setting.BIP.flag() + ", which is not given");
        });
        bridge.subnetV6().filter(subnet -> !bridge.ipv6()).ifPresent(subnet -> {
            throw new SettingsException("--" + Setting.FIXED_CIDR_V6.flag() + " is for a default bridge with --" + Setting.IPV6.flag() + ", which is not given");
        });
        try {
            return new NetworkSettings(pools.stream().map(NetworkFlags::pool).toList(), bridge.address().map(address -> range(address, bridge)),
                    bridge.ipv6(), bridge.subnetV6().map(NetworkFlags::rangeV6), bridge.options(), forwards, relays);
        } catch (IllegalArgumentException invalid) {
            throw new SettingsException("--" + Setting.BIP.flag() + ", --" + Setting.FIXED_CIDR.flag() + " and --" + Setting.DEFAULT_GATEWAY.flag() + ": "
                    + invalid.getMessage());
        }
    }

    private static AddressRange range(String address, DefaultBridge bridge) {
        Map<String, IpAddress> others = bridge.gateway().map(text -> Map.of(AddressRange.wayOutName(IpFamily.V4), IpAddress.parse(text))).orElse(Map.of());
        others.values().stream().filter(gateway -> !bridge(address).contains(gateway)).findFirst().ifPresent(gateway -> {
            throw new IllegalArgumentException("default gateway " + gateway + " is not in " + bridge(address));
        });
        return new AddressRange(bridge(address), Optional.of(address(address)), bridge.part().map(Subnet::parse), others, true, true);
    }

    private static AddressRange rangeV6(String text) {
        Subnet subnet = Subnet.parse(text);
        return new AddressRange(subnet, Optional.of(subnet.network().plus(1)), Optional.empty(), Map.of(), true, false);
    }

    /** Has room for the bridge and a container. */
    static void subnetV6(String text) {
        Subnet subnet = Subnet.parse(text);
        if (subnet.family() != IpFamily.V6 || subnet.prefixLength() > LONGEST_PREFIX_V6) {
            throw new IllegalArgumentException("not an IPv6 subnet with a prefix of at most " + LONGEST_PREFIX_V6);
        }
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
