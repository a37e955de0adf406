package io.berth.daemon.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.MacAddress;
import io.berth.daemon.network.definition.EndpointId;
import io.berth.daemon.network.definition.NetworkId;
import io.berth.daemon.network.port.PublishedPort;
import io.berth.daemon.network.port.TransportProtocol;
import io.berth.daemon.network.sandbox.Endpoint;
import io.berth.daemon.network.sandbox.NameSettings;
import io.berth.daemon.network.sandbox.Place;
import io.berth.daemon.network.sandbox.Sandbox;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A {@link Sandbox} as the journal holds it.
 *
 * @param names absent where names are not resolved
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record SandboxRecord(List<EndpointRecord> endpoints, List<Port> ports, Names names) {

    /** An {@link Endpoint}; one without a place has an empty link, one without links of names none. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record EndpointRecord(String id, String network, List<String> names, Map<String, String> links, String link, String mac, Assigned ipv4, Assigned ipv6,
            List<String> linkLocal, int gatewayPriority) {
    }

    /** An empty gateway is none. */
    record Assigned(String address, int prefixLength, String gateway) {
    }

    /** {@link NameSettings}. */
    record Names(List<String> servers, boolean completes) {
    }

    record Port(String protocol, int containerPort, String hostAddress, int hostPort) {

        PublishedPort port() {
            return new PublishedPort(TransportProtocol.valueOf(protocol), containerPort, IpAddress.parse(hostAddress), hostPort);
        }
    }

    static SandboxRecord of(Sandbox sandbox) {
        return new SandboxRecord(sandbox.endpoints().stream().map(SandboxRecord::record).toList(),
                sandbox.ports().stream().map(port -> new Port(port.protocol().name(), port.containerPort(), port.hostAddress().toString(),
                        port.hostPort())).toList(),
                sandbox.names().map(settings -> new Names(settings.servers(), settings.completesNames())).orElse(null));
    }

    private static EndpointRecord record(Endpoint endpoint) {
        String id = endpoint.id().toString();
        String network = endpoint.network().toString();
        Map<String, String> links = endpoint.links().isEmpty() ? null : endpoint.links();
        return endpoint.place().map(place -> new EndpointRecord(id, network, endpoint.names(), links, place.link(), place.mac().toString(),
                record(place.ipv4()), record(place.ipv6()), place.linkLocal().stream().map(IpAddress::toString).toList(), place.gatewayPriority()))
                .orElseGet(() -> new EndpointRecord(id, network, endpoint.names(), links, "", "", null, null, List.of(), 0));
    }

    private static Assigned record(Optional<Place.Assigned> assigned) {
        return assigned.map(known -> new Assigned(known.address().toString(), known.prefixLength(),
                known.gateway().map(IpAddress::toString).orElse(""))).orElse(null);
    }

    Sandbox sandbox(String containerId) {
        return new Sandbox(containerId, endpoints.stream().map(SandboxRecord::endpoint).toList(), ports.stream().map(Port::port).toList(),
                Optional.ofNullable(names).map(known -> new NameSettings(known.servers(), known.completes())));
    }

    private static Endpoint endpoint(EndpointRecord record) {
        Optional<Place> place = Optional.of(record.link()).filter(link -> !link.isEmpty()).map(link -> new Place(link, MacAddress.parse(record.mac()),
                assigned(record.ipv4()), assigned(record.ipv6()), record.linkLocal().stream().map(IpAddress::parse).toList(), record.gatewayPriority()));
        return new Endpoint(new EndpointId(record.id()), new NetworkId(record.network()), record.names(),
                record.links() == null ? Map.of() : record.links(), place);
    }

    private static Optional<Place.Assigned> assigned(Assigned record) {
        return Optional.ofNullable(record).map(known -> new Place.Assigned(IpAddress.parse(known.address()), known.prefixLength(),
                Optional.of(known.gateway()).filter(text -> !text.isEmpty()).map(IpAddress::parse)));
    }
}
