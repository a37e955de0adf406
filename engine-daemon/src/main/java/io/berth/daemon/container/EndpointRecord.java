package io.berth.daemon.container;

import io.berth.daemon.network.Endpoint;
import io.berth.daemon.network.EndpointId;
import io.berth.daemon.network.Ipv4Address;
import io.berth.daemon.network.MacAddress;
import io.berth.daemon.network.NetworkId;
import io.berth.daemon.network.PublishedPort;
import io.berth.daemon.network.TransportProtocol;
import java.util.List;
import java.util.Optional;

/** An {@link Endpoint} as the journal holds it; one without a place on a bridge has empty texts. */
record EndpointRecord(String id, String network, String address, int prefixLength, String gateway, String mac, List<Port> ports) {

    record Port(String protocol, int containerPort, String hostAddress, int hostPort) {
    }

    static EndpointRecord of(Endpoint endpoint) {
        List<Port> ports = endpoint.ports().stream().map(port -> new Port(port.protocol().name(), port.containerPort(),
                port.hostAddress().toString(), port.hostPort())).toList();
        Optional<Endpoint.Place> place = endpoint.place();
        return new EndpointRecord(endpoint.id().toString(), endpoint.network().toString(), place.map(p -> p.address().toString()).orElse(""),
                place.map(Endpoint.Place::prefixLength).orElse(0), place.map(p -> p.gateway().toString()).orElse(""),
                place.map(p -> p.mac().toString()).orElse(""), ports);
    }

    Endpoint endpoint() {
        Optional<Endpoint.Place> place = Optional.of(address).filter(text -> !text.isEmpty()).map(text -> new Endpoint.Place(Ipv4Address.parse(text), prefixLength,
                Ipv4Address.parse(gateway), MacAddress.parse(mac)));
        return new Endpoint(new EndpointId(id), new NetworkId(network), place, ports.stream().map(port -> new PublishedPort(
                TransportProtocol.valueOf(port.protocol()), port.containerPort(), Ipv4Address.parse(port.hostAddress()), port.hostPort())).toList());
    }
}
