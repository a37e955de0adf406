package io.berth.daemon.network;

import io.berth.daemon.network.definition.AddressRange;
import io.berth.daemon.network.definition.BridgeOptions;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.definition.NetworkKind;
import io.berth.daemon.network.definition.NetworkNames;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The definitions of the networks that are always there. */
final class Predefined {

    private Predefined() {
    }

    /** @param ranges known once the bridge was made */
    static NetworkDefinition bridge(NetworkNames names, Instant created, NetworkSettings settings, List<AddressRange> ranges) {
        Map<String, String> options = new TreeMap<>(Map.of(BridgeOptions.NAME, names.bridge(), BridgeOptions.ICC, "true", BridgeOptions.MASQUERADE,
                "true", BridgeOptions.HOST_BINDING, "0.0.0.0", BridgeOptions.DEFAULT_BRIDGE, "true", BridgeOptions.MTU, "1500"));
        options.putAll(settings.bridgeOptions());
        return new NetworkDefinition(names.id(NetworkKind.BRIDGE), NetworkKind.BRIDGE.toString(), NetworkKind.BRIDGE.driver(), created, true,
                settings.bridgeIpv6(), false, false, false, Optional.empty(), ranges, Optional.empty(), options, Map.of());
    }

    /** {@code host} or {@code none}. */
    static NetworkDefinition without(NetworkNames names, Instant created, NetworkKind kind) {
        return new NetworkDefinition(names.id(kind), kind.toString(), kind.driver(), created, true, false, false, false, false, Optional.empty(),
                List.of(), Optional.empty(), Map.of(), Map.of());
    }
}
