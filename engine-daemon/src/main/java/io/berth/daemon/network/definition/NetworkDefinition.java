package io.berth.daemon.network.definition;

import io.berth.daemon.network.address.IpFamily;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a network is, decided once when it was created: the subnets are those it got, whether they were asked for or taken
 * from the pools.
 *
 * @param ipv4        whether containers get IPv4 addresses
 * @param ipv6        whether containers get IPv6 addresses
 * @param internal    nothing goes in or out but through the bridge itself
 * @param attachable  kept for the answers: only swarm networks know the difference
 * @param template    it is no network, other networks are made after it ({@code --config-only}); it has no driver
 * @param madeAfter   the name of the template that it was made after
 * @param ranges      of both families, in the order of the request; one of a family that the network does not have is kept
 *                    for the answers
 * @param ipamOptions options of address management, kept for the answers; empty when none were given
 * @param options     the driver's, as {@code com.docker.network.bridge.enable_icc}
 */
public record NetworkDefinition(NetworkId id, String name, Driver driver, Instant created, boolean ipv4, boolean ipv6, boolean internal,
        boolean attachable, boolean template, Optional<String> madeAfter, List<AddressRange> ranges, Optional<Map<String, String>> ipamOptions,
        Map<String, String> options, Map<String, String> labels) {

    public NetworkDefinition {
        ranges = List.copyOf(ranges);
        ipamOptions = ipamOptions.map(Map::copyOf);
        options = Map.copyOf(options);
        labels = Map.copyOf(labels);
    }

    NetworkDefinition with(List<AddressRange> decided) {
        return new NetworkDefinition(id, name, driver, created, ipv4, ipv6, internal, attachable, template, madeAfter, decided, ipamOptions,
                options, labels);
    }

    public boolean has(IpFamily family) {
        return !template && (family == IpFamily.V4 ? ipv4 : ipv6);
    }

    /** The first range of a family that the network has: containers get their addresses from it. */
    public Optional<AddressRange> range(IpFamily family) {
        return ranges(family).stream().findFirst();
    }

    /** Those of a family that are in use. */
    public List<AddressRange> ranges(IpFamily family) {
        return has(family) ? ranges.stream().filter(range -> range.subnet().family() == family).toList() : List.of();
    }

    /** One of {@code bridge}, {@code host} and {@code none}, which are there from the start and cannot be removed. */
    public boolean isPredefined() {
        return NetworkKind.named(name).isPresent();
    }
}
