package io.berth.daemon.network;

import io.berth.api.http.ApiException;
import io.berth.api.http.Filters;
import io.berth.api.http.PastTime;
import io.berth.api.network.NetworkOperations;
import io.berth.api.wire.container.EndpointSettings;
import io.berth.api.wire.network.CreateNetworkBody;
import io.berth.api.wire.network.CreateNetworkResponse;
import io.berth.api.wire.network.InspectNetwork;
import io.berth.api.wire.network.PrunedNetworks;
import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.definition.NetworkRequest;
import io.berth.daemon.system.EventLog;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The API's operations on networks. */
public final class NetworkService implements NetworkOperations {

    private static final Logger LOG = LoggerFactory.getLogger(NetworkService.class);
    private static final String SCOPE = "local";

    private final Networks networks;
    private final NetworkMembers members;
    private final EventLog events;
    private final Clock clock;

    public NetworkService(Networks networks, NetworkMembers members, EventLog events, Clock clock) {
        this.networks = networks;
        this.members = members;
        this.events = events;
        this.clock = clock;
    }

    @Override
    public List<InspectNetwork> list(Filters filters) {
        Optional<Boolean> dangling = dangling(filters);
        Predicate<NetworkDefinition> ofType = type(filters);
        return networks.list().stream()
                .filter(network -> dangling.map(unused -> unused == isUnused(network)).orElse(true))
                .filter(ofType)
                .filter(network -> filters.matchesAny("name", pattern -> matches(network.name(), pattern)))
                .filter(network -> filters.matchesAny("id", pattern -> matches(network.id().hex(), pattern)))
                .filter(network -> filters.matches("driver", List.of(network.driver().toString())))
                .filter(network -> filters.matches("scope", List.of(SCOPE)))
                .filter(network -> filters.matchesLabels(network.labels()))
                .map(network -> NetworkView.of(network, List.of())).toList();
    }

    private static Optional<Boolean> dangling(Filters filters) {
        List<String> asked = filters.get("dangling");
        if (asked.size() > 1) {
            throw ApiException.invalid("got more than one value for filter key \"dangling\"");
        }
        return asked.stream().findFirst().map(text -> switch (text) {
            case "1", "true" -> true;
            case "0", "false" -> false;
            default -> throw ApiException.invalid(
                    "invalid value for filter 'dangling', must be \"true\" (or \"1\"), or \"false\" (or \"0\")");
        });
    }

    private static Predicate<NetworkDefinition> type(Filters filters) {
        List<String> asked = filters.get("type");
        asked.stream().filter(type -> !type.equals("builtin") && !type.equals("custom")).findFirst().ifPresent(type -> {
            throw ApiException.invalid("invalid filter: 'type'='" + type + "'");
        });
        return network -> asked.isEmpty() || asked.contains(network.isPredefined() ? "builtin" : "custom");
    }

    /** The predefined ones are not there for anybody to use. */
    private boolean isUnused(NetworkDefinition network) {
        return !network.isPredefined() && members.of(network.id()).isEmpty();
    }

    /** A part of the text, or a pattern. */
    private static boolean matches(String text, String pattern) {
        try {
            return text.equals(pattern) || Pattern.compile(pattern).matcher(text).find();
        } catch (PatternSyntaxException noPattern) {
            return false;
        }
    }

    @Override
    public InspectNetwork inspect(String network, Optional<String> scope) {
        if (scope.filter(asked -> !asked.equals(SCOPE)).isPresent()) {
            throw ApiException.notFound("network " + network + " not found");
        }
        NetworkDefinition found = inspected(network);
        return NetworkView.of(found, members.of(found.id()));
    }

    private NetworkDefinition inspected(String reference) {
        try {
            return networks.resolve(reference);
        } catch (NetworkException refused) {
            if (refused.kind() != NetworkException.Kind.INVALID) {
                throw refused;
            }
            // told the other way round than by every other operation, as by the reference engine
            long fitting = networks.list().stream().filter(network -> network.id().hex().startsWith(reference)).count();
            throw ApiException.invalid(fitting + " matches found based on ID prefix: network " + reference + " is ambiguous");
        }
    }

    @Override
    public CreateNetworkResponse create(CreateNetworkBody request) {
        if (request.name.isEmpty()) {
            throw ApiException.invalid("invalid name: name is empty");
        }
        if (request.scope.equals("swarm")) {
            throw forbidden("cannot create a swarm scoped network when swarm is not active");
        }
        if (request.driver.equals("overlay")) {
            throw forbidden("This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm"
                    + " and try again.");
        }
        if (request.ingress) {
            throw forbidden("Ingress network can only be global scope network");
        }
        NetworkRequest.Ipam ipam = new NetworkRequest.Ipam(request.ipam.driver(), request.ipam.config().stream()
                .map(range -> new NetworkRequest.Range(range.subnet(), range.ipRange(), range.gateway(), range.auxiliaryAddresses())).toList(),
                Optional.ofNullable(request.ipam.options()));
        NetworkDefinition made = networks.create(new NetworkRequest(request.name, request.driver, Optional.ofNullable(request.enableIpv4),
                Optional.ofNullable(request.enableIpv6), request.internal, request.attachable,
                request.configOnly, request.configFrom.network(), ipam, request.options, request.labels));
        publish(made, "create");
        return new CreateNetworkResponse(made.id().hex(), "");
    }

    private static ApiException forbidden(String message) {
        return new ApiException(ApiException.Kind.FORBIDDEN, message);
    }

    @Override
    public void remove(String network) {
        publish(networks.remove(network, members::nameOf), "destroy");
    }

    private void publish(NetworkDefinition network, String action) {
        events.publish("network", action, network.id().hex(), Map.of("name", network.name(), "type", network.driver().toString()));
    }

    @Override
    public void connect(String network, String container, EndpointSettings settings) {
        members.requireKnown(container);
        members.connect(networks.resolve(network), container, settings);
    }

    @Override
    public void disconnect(String network, String container, boolean force) {
        members.requireKnown(container);
        members.disconnect(networks.resolve(network), container);
    }

    @Override
    public PrunedNetworks prune(Filters filters) {
        Optional<Instant> until = PastTime.until(filters, clock);
        List<String> removed = new ArrayList<>();
        for (NetworkDefinition network : networks.list()) {
            // a template is there for networks to come
            if (isUnused(network) && !network.template() && filters.matchesLabels(network.labels()) && until.map(time -> !network.created().isAfter(time)).orElse(true)
                    && removeUnused(network)) {
                removed.add(network.name());
            }
        }
        events.publish("network", "prune", "", Map.of("reclaimed", "0"));
        return new PrunedNetworks(removed);
    }

    /** Somebody may have come to use it, or removed it, meanwhile. */
    private boolean removeUnused(NetworkDefinition network) {
        try {
            publish(networks.remove(network.id().hex(), members::nameOf), "destroy");
            return true;
        } catch (NetworkException overtaken) {
            LOG.debug("network {} is not pruned: {}", network.name(), overtaken.getMessage());
            return false;
        }
    }
}
