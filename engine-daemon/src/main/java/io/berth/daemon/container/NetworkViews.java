package io.berth.daemon.container;

import io.berth.api.wire.container.ContainerSummary;
import io.berth.api.wire.container.EndpointSettings;
import io.berth.api.wire.container.NetworkSettings;
import io.berth.api.wire.container.PortBinding;
import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.definition.NetworkId;
import io.berth.daemon.network.definition.NetworkKind;
import io.berth.daemon.network.port.PublishedPort;
import io.berth.daemon.network.sandbox.Endpoint;
import io.berth.daemon.network.sandbox.Place;
import io.berth.daemon.network.sandbox.Sandbox;
import io.berth.daemon.spec.NetworkOptions;
import io.berth.daemon.spec.PortOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The networks of containers as the API shows them: what was asked for, and what a run of the container got. */
final class NetworkViews {

    private final Containers containers;
    private final NetworkIds ids;

    /** The id of a predefined network. */
    interface NetworkIds {
        NetworkId of(NetworkKind kind);
    }

    NetworkViews(Containers containers, NetworkIds ids) {
        this.containers = containers;
        this.ids = ids;
    }

    /** The container whose network it has: itself, or another one that is there. */
    Container owner(Container container) {
        return container.spec().networking().sharedWith().flatMap(containers::find).orElse(container);
    }

    /** As inspect shows them. */
    NetworkSettings settings(Container container) {
        NetworkSettings settings = new NetworkSettings();
        if (container.definition().config().networkDisabled || container.spec().networking().sharedWith().isPresent()) {
            return settings;
        }
        settings.networks = networks(container);
        Optional.ofNullable(settings.networks.get(NetworkKind.BRIDGE.toString())).ifPresent(bridge -> repeat(settings, bridge));
        container.state().currentRun().ifPresent(run -> {
            settings.sandboxId = container.sandbox().stream().flatMap(sandbox -> sandbox.endpoints().stream()).findFirst()
                    .map(endpoint -> endpoint.id().hex()).orElse("");
            settings.sandboxKey = "/proc/" + run.pid() + "/ns/net";
            settings.ports = published(container);
        });
        return settings;
    }

    /** Older clients read what a container has of the default bridge there. */
    private static void repeat(NetworkSettings settings, EndpointSettings bridge) {
        settings.endpointId = bridge.endpointId;
        settings.gateway = bridge.gateway;
        settings.ipAddress = bridge.ipAddress;
        settings.ipPrefixLen = bridge.ipPrefixLen;
        settings.ipv6Gateway = bridge.ipv6Gateway;
        settings.globalIpv6Address = bridge.globalIpv6Address;
        settings.globalIpv6PrefixLen = bridge.globalIpv6PrefixLen;
        settings.macAddress = bridge.macAddress;
    }

    /** As {@code docker ps} shows them, without names and options. */
    Map<String, EndpointSettings> summary(Container container) {
        Map<String, EndpointSettings> shown = networks(container);
        shown.values().forEach(settings -> {
            settings.aliases = List.of();
            settings.links = List.of();
            settings.driverOpts = Map.of();
            settings.dnsNames = List.of();
        });
        return shown;
    }

    private Map<String, EndpointSettings> networks(Container container) {
        Map<String, EndpointSettings> shown = new TreeMap<>();
        container.definition().networks().forEach((name, asked) -> shown.put(name, endpoint(container, name, asked)));
        return shown;
    }

    private EndpointSettings endpoint(Container container, String name, EndpointSettings asked) {
        EndpointSettings settings = EndpointCheck.asked(asked);
        settings.macAddress = "";
        Optional<NetworkId> network = shownId(container, name, asked);
        settings.networkId = network.map(NetworkId::hex).orElse("");
        if (NetworkOptions.isUserDefined(name) && (network.isPresent() || !asked.dnsNames.isEmpty())) {
            settings.dnsNames = NetworkOptions.dnsNames(container.definition(), asked.aliases);
        }
        Optional<Endpoint> endpoint = network.flatMap(id -> container.sandbox().flatMap(sandbox -> sandbox.endpoint(id)));
        endpoint.ifPresentOrElse(found -> fill(settings, found), () -> settings.macAddress = asked.macAddress);
        return settings;
    }

    /** Those that it has been connected to. */
    List<NetworkId> shownIds(Container container) {
        return container.definition().networks().entrySet().stream()
                .flatMap(network -> shownId(container, network.getKey(), network.getValue()).stream()).toList();
    }

    private Optional<NetworkId> shownId(Container container, String name, EndpointSettings asked) {
        boolean hasRun = container.state().generation() > 0;
        return NetworkKind.named(name).filter(kind -> hasRun).map(ids::of)
                .or(() -> Optional.of(asked.networkId).filter(id -> !id.isEmpty()).map(NetworkId::new));
    }

    private static void fill(EndpointSettings settings, Endpoint endpoint) {
        settings.endpointId = endpoint.id().hex();
        endpoint.place().ifPresent(place -> {
            settings.macAddress = place.mac().toString();
            place.ipv4().ifPresent(assigned -> {
                settings.gateway = gateway(assigned);
                settings.ipAddress = assigned.address().toString();
                settings.ipPrefixLen = assigned.prefixLength();
            });
            place.ipv6().ifPresent(assigned -> {
                settings.ipv6Gateway = gateway(assigned);
                settings.globalIpv6Address = assigned.address().toString();
                settings.globalIpv6PrefixLen = assigned.prefixLength();
            });
        });
    }

    private static String gateway(Place.Assigned assigned) {
        return assigned.gateway().map(IpAddress::toString).orElse("");
    }

    /** Exposed ports, and where those that are published can be reached. */
    private static Map<String, List<PortBinding>> published(Container container) {
        Map<String, List<PortBinding>> ports = new TreeMap<>();
        if (hasGateway(container)) {
            container.exposedPorts().forEach(port -> ports.put(port.toString(), null));
        }
        for (PublishedPort published : publishedPorts(container)) {
            String key = published.containerPort() + "/" + published.protocol();
            List<PortBinding> places = new ArrayList<>(Optional.ofNullable(ports.get(key)).orElse(List.of()));
            // a routed network publishes without a port of the host
            String number = published.hostPort() == 0 ? "" : Integer.toString(published.hostPort());
            places.add(new PortBinding(published.hostAddress().toString(), number));
            ports.put(key, places);
        }
        return ports;
    }

    private static List<PublishedPort> publishedPorts(Container container) {
        return container.sandbox().map(Sandbox::ports).orElse(List.of());
    }

    /** Whether a network of it has a way in and out: exposed ports are shown only then, as in the reference. */
    private static boolean hasGateway(Container container) {
        return container.sandbox().stream().flatMap(sandbox -> sandbox.endpoints().stream()).flatMap(endpoint -> endpoint.place().stream())
                .flatMap(place -> place.assigned().stream()).anyMatch(assigned -> assigned.gateway().isPresent());
    }

    /** As {@code docker ps} lists them. */
    List<ContainerSummary.Port> ports(Container container) {
        List<ContainerSummary.Port> ports = new ArrayList<>();
        List<PublishedPort> published = publishedPorts(container);
        published.forEach(port -> ports.add(new ContainerSummary.Port(port.hostAddress().toString(), port.containerPort(), port.hostPort(),
                port.protocol().toString())));
        if (container.state().isRunning() && hasGateway(container)) {
            for (PortOptions.Port exposed : container.exposedPorts()) {
                if (published.stream().noneMatch(port -> port.containerPort() == exposed.number() && port.protocol() == exposed.protocol())) {
                    ports.add(new ContainerSummary.Port("", exposed.number(), 0, exposed.protocol().toString()));
                }
            }
        }
        return ports;
    }
}
