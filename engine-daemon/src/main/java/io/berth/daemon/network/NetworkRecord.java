package io.berth.daemon.network;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.berth.api.wire.Json;
import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.Subnet;
import io.berth.daemon.network.definition.AddressRange;
import io.berth.daemon.network.definition.Driver;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.definition.NetworkId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One record of the networks' journal, as JSON (docs/formats/networks.md).
 *
 * @param network with it the record introduces a network
 * @param removed the network is gone
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record NetworkRecord(String id, @JsonSetter(nulls = Nulls.SET) Network network, Boolean removed) {

    /** A {@link NetworkDefinition}; times are RFC 3339. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Network(String name, String driver, String created, boolean ipv4, boolean ipv6, boolean internal, boolean attachable, boolean template,
            String madeAfter, List<Range> ranges, @JsonSetter(nulls = Nulls.SET) Map<String, String> ipamOptions, Map<String, String> options,
            Map<String, String> labels) {
    }

    /** An {@link AddressRange}; a gateway or range that is empty is none. */
    record Range(String subnet, String gateway, String range, Map<String, String> auxiliary, boolean subnetChosen, boolean gatewayChosen) {
    }

    static NetworkRecord of(NetworkDefinition network) {
        return new NetworkRecord(network.id().hex(), new Network(network.name(), network.driver().toString(), network.created().toString(),
                network.ipv4(), network.ipv6(), network.internal(), network.attachable(), network.template(), network.madeAfter().orElse(""),
                network.ranges().stream().map(NetworkRecord::record).toList(), network.ipamOptions().orElse(null), network.options(),
                network.labels()), null);
    }

    private static Range record(AddressRange range) {
        Map<String, String> auxiliary = new TreeMap<>();
        range.auxiliary().forEach((name, address) -> auxiliary.put(name, address.toString()));
        return new Range(range.subnet().toString(), range.gateway().map(IpAddress::toString).orElse(""),
                range.range().map(Subnet::toString).orElse(""), auxiliary, range.subnetChosen(), range.gatewayChosen());
    }

    static NetworkRecord removed(NetworkId id) {
        return new NetworkRecord(id.hex(), null, true);
    }

    byte[] bytes() {
        return Json.bytes(this);
    }

    static NetworkRecord read(byte[] bytes) {
        try {
            return Json.mapper().readValue(bytes, NetworkRecord.class);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("read a record of the networks' journal", unreadable);
        }
    }

    void replay(Map<NetworkId, NetworkDefinition> networks) {
        NetworkId key = new NetworkId(id);
        if (Boolean.TRUE.equals(removed)) {
            networks.remove(key);
        } else {
            networks.put(key, definition(key));
        }
    }

    private NetworkDefinition definition(NetworkId key) {
        return new NetworkDefinition(key, network.name(), Driver.named(network.driver()).orElseThrow(() -> new IllegalArgumentException(
                "network " + network.name() + " has the driver " + network.driver() + ", which this version of berth does not know")),
                Instant.parse(network.created()), network.ipv4(), network.ipv6(), network.internal(), network.attachable(), network.template(),
                Optional.of(network.madeAfter()).filter(text -> !text.isEmpty()), network.ranges().stream().map(NetworkRecord::range).toList(),
                Optional.ofNullable(network.ipamOptions()), network.options(), network.labels());
    }

    private static AddressRange range(Range record) {
        Map<String, IpAddress> auxiliary = new TreeMap<>();
        record.auxiliary().forEach((name, address) -> auxiliary.put(name, IpAddress.parse(address)));
        return new AddressRange(Subnet.parse(record.subnet()), Optional.of(record.gateway()).filter(text -> !text.isEmpty()).map(IpAddress::parse),
                Optional.of(record.range()).filter(text -> !text.isEmpty()).map(Subnet::parse), auxiliary, record.subnetChosen(),
                record.gatewayChosen());
    }
}
