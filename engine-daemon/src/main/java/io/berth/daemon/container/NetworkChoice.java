package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.ContainerConfig;
import io.berth.api.wire.container.CreateContainerBody;
import io.berth.api.wire.container.EndpointSettings;
import io.berth.api.wire.container.HostConfig;
import io.berth.daemon.network.Networks;
import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.definition.NetworkKind;
import io.berth.daemon.spec.NetworkMode;
import io.berth.daemon.spec.NetworkOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which networks a container that is about to be made is to have. Clients name them by id, name or the beginning of an id, and may name
 * some that are not there yet: those are looked for when the container starts.
 */
final class NetworkChoice {

    private static final String SHARED = "container sharing network namespace with another container or host cannot be connected to any other network";
    private static final String PRIVATE = "container cannot be connected to multiple networks with one of the networks in private (none) mode";
    private static final String MAC_IS_OLD = "The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.";

    private final Networks networks;
    private final Containers containers;

    NetworkChoice(Networks networks, Containers containers) {
        this.networks = networks;
        this.containers = containers;
    }

    /** @param mode of the network, with the id of another container whose network it is to be */
    record Chosen(String mode, Map<String, EndpointSettings> networks) {
    }

    /**
     * @param config of the container; its MAC becomes that of the network which has it
     * @throws ApiException in the reference engine's words
     */
    Chosen decide(CreateContainerBody asked, ContainerConfig config, List<String> warnings) {
        String mode = NetworkOptions.networkName(asked.hostConfig.networkMode);
        Map<String, EndpointSettings> endpoints = asked.networkingConfig.endpointsConfig;
        if (!config.macAddress.isEmpty()) {
            warnings.add(MAC_IS_OLD);
        }
        return switch (NetworkMode.parse(mode)) {
            case NetworkMode.OfContainer(String other) -> ofContainer(asked, mode, other);
            case NetworkMode.Host ignored -> new Chosen(mode, own(mode, endpoints, List.of(), config));
            case NetworkMode.Own ignored -> new Chosen(mode, own(mode, endpoints, asked.hostConfig.links, config));
        };
    }

    private Chosen ofContainer(CreateContainerBody asked, String mode, String other) {
        requireNothingOfItsOwn(asked);
        if (asked.networkingConfig.endpointsConfig.keySet().stream().anyMatch(key -> !key.equals(mode))) {
            throw ApiException.invalid(SHARED);
        }
        return new Chosen(containers.find(other).map(found -> NetworkMode.SHARED + found.id().hex()).orElse(mode), Map.of());
    }

    /** What belongs to the network is the other container's. */
    private static void requireNothingOfItsOwn(CreateContainerBody asked) {
        HostConfig host = asked.hostConfig;
        refuseIf(!asked.hostname.isEmpty(), "hostname and the network mode");
        refuseIf(!host.links.isEmpty(), "container type network can't be used with links. This would result in undefined behavior");
        refuseIf(!host.dns.isEmpty() || !host.dnsSearch.isEmpty() || !host.dnsOptions.isEmpty(), "dns and the network mode");
        refuseIf(!host.extraHosts.isEmpty(), "custom host-to-IP mapping and the network mode");
        refuseIf(!asked.macAddress.isEmpty(), "mac-address and the network mode");
        refuseIf(!host.portBindings.isEmpty() || host.publishAllPorts, "port publishing and the container type network mode");
        refuseIf(!asked.exposedPorts.isEmpty(), "port exposing and the container type network mode");
    }

    private static void refuseIf(boolean conflict, String options) {
        if (conflict) {
            throw ApiException.invalid("conflicting options: " + options);
        }
    }

    /** @param links of the network of the mode, where it is a user-defined one: the CLI sends them with the endpoint too, other clients do not */
    private Map<String, EndpointSettings> own(String mode, Map<String, EndpointSettings> endpoints, List<String> links, ContainerConfig config) {
        Map<String, EndpointSettings> asked = new LinkedHashMap<>();
        endpoints.forEach((key, settings) -> asked.put(NetworkOptions.networkName(key), EndpointCheck.asked(settings)));
        asked.computeIfAbsent(mode, absent -> endpoints.isEmpty() ? new EndpointSettings() : null);
        Map<String, EndpointSettings> named = new LinkedHashMap<>();
        asked.forEach((key, settings) -> {
            Optional<NetworkDefinition> network = find(key);
            if (key.equals(mode)) {
                takeMac(key, settings, config);
            }
            if (isOfMode(mode, key, network) && NetworkOptions.isUserDefined(mode)) {
                settings.links = Stream.concat(settings.links.stream(), links.stream()).distinct().toList();
            }
            network.ifPresent(known -> require(known, settings));
            named.put(network.map(NetworkDefinition::name).orElse(key), settings);
        });
        requireTogether(mode, named);
        return named;
    }

    /** By whichever of its names the client calls it. */
    private boolean isOfMode(String mode, String key, Optional<NetworkDefinition> network) {
        return key.equals(mode) || network.isPresent() && network.equals(find(mode));
    }

    /** Inspect shows the MAC of the network of the mode as the container's; the host's and none have no link of the container. */
    private static void takeMac(String network, EndpointSettings settings, ContainerConfig config) {
        if (network.equals(NetworkKind.HOST.toString()) || network.equals(NetworkKind.NONE.toString())) {
            config.macAddress = "";
        } else if (settings.macAddress.isEmpty()) {
            settings.macAddress = config.macAddress;
        } else {
            config.macAddress = settings.macAddress;
        }
    }

    /** Without the one that fits several, which is told when the container starts. */
    private Optional<NetworkDefinition> find(String reference) {
        try {
            return Optional.of(networks.resolve(reference));
        } catch (NetworkException unknown) {
            return Optional.empty();
        }
    }

    private static void require(NetworkDefinition network, EndpointSettings settings) {
        try {
            EndpointCheck.require(network, settings);
        } catch (ApiException refused) {
            throw ApiException.invalid("invalid config for network " + network.name() + ": " + refused.getMessage());
        }
    }

    private static void requireTogether(String mode, Map<String, EndpointSettings> named) {
        boolean host = named.containsKey(NetworkKind.HOST.toString());
        boolean none = named.containsKey(NetworkKind.NONE.toString());
        boolean ofHost = NetworkMode.parse(mode) instanceof NetworkMode.Host;
        if (ofHost && !(host && named.size() == 1)) {
            throw ApiException.invalid(SHARED);
        }
        if (host && !ofHost) {
            throw ApiException.invalid("cannot connect container to host network - container must be created in host network mode");
        }
        if (none && named.size() > 1) {
            throw ApiException.invalid(PRIVATE);
        }
    }

    /**
     * Whether a container can be connected to a further network.
     *
     * @throws ApiException in the reference engine's words
     */
    static void requireJoinable(Container container, NetworkDefinition network) {
        NetworkMode mode = container.spec().networking().mode();
        if (container.definition().config().networkDisabled) {
            throw ApiException.invalid("container " + container.name() + " was created with its network disabled: it cannot be connected to any");
        }
        boolean toNone = network.name().equals(NetworkKind.NONE.toString());
        if (!(mode instanceof NetworkMode.Own)) {
            throw ApiException.invalid(SHARED);
        }
        if (network.name().equals(NetworkKind.HOST.toString())) {
            throw ApiException.invalid("cannot connect container to host network - container must be created in host network mode");
        }
        boolean others = container.definition().networks().keySet().stream().anyMatch(name -> !name.equals(network.name()));
        if (others && (toNone || container.spec().networking().has(NetworkKind.NONE.toString()))) {
            throw ApiException.invalid(PRIVATE);
        }
    }
}
