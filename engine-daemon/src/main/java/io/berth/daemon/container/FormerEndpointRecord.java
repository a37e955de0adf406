package io.berth.daemon.container;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.MacAddress;
import io.berth.daemon.network.definition.EndpointId;
import io.berth.daemon.network.definition.NetworkId;
import io.berth.daemon.network.sandbox.Endpoint;
import io.berth.daemon.network.sandbox.Place;
import io.berth.daemon.network.sandbox.Sandbox;
import java.util.List;
import java.util.Optional;

/**
 * A connection as journals held it when a container had only one, on IPv4; read, no longer written. One without a place on
 * a bridge has empty texts.
 */
record FormerEndpointRecord(String id, String network, String address, int prefixLength, String gateway, String mac,
        List<SandboxRecord.Port> ports) {

    private static final String LINK = "eth0";

    Sandbox sandbox(String containerId) {
        Optional<Place> place = address.isEmpty() ? Optional.empty() : Optional.of(new Place(LINK, MacAddress.parse(mac),
                Optional.of(new Place.Assigned(IpAddress.parse(address), prefixLength, Optional.of(IpAddress.parse(gateway)))),
                Optional.empty(), List.of(), 0));
        Endpoint endpoint = new Endpoint(new EndpointId(id), new NetworkId(network), List.of(), place);
        return new Sandbox(containerId, List.of(endpoint), ports.stream().map(SandboxRecord.Port::port).toList(), Optional.empty());
    }
}
