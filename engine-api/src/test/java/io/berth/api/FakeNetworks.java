package io.berth.api;

import io.berth.api.http.ApiException;
import io.berth.api.http.Filters;
import io.berth.api.network.NetworkOperations;
import io.berth.api.wire.container.EndpointSettings;
import io.berth.api.wire.network.ConfigReference;
import io.berth.api.wire.network.CreateNetworkBody;
import io.berth.api.wire.network.CreateNetworkResponse;
import io.berth.api.wire.network.InspectNetwork;
import io.berth.api.wire.network.Ipam;
import io.berth.api.wire.network.PrunedNetworks;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Networks of which only {@code there} exists; it remembers what it was asked. */
public final class FakeNetworks implements NetworkOperations {
    public final List<String> asked = new ArrayList<>();

    private static InspectNetwork there(Map<String, InspectNetwork.Member> members) {
        Ipam.Range range = new Ipam.Range("10.1.0.0/16", "", "10.1.0.1", Map.of());
        return new InspectNetwork("there", "n1", "2026-03-01T12:00:00Z", "local", "bridge", true, false, new Ipam("default", null, List.of(range)),
                false, false, false, ConfigReference.none(), false, members, Map.of(), Map.of());
    }

    @Override
    public List<InspectNetwork> list(Filters filters) {
        asked.add("list " + filters.values());
        return List.of(there(Map.of()));
    }

    @Override
    public InspectNetwork inspect(String network, Optional<String> scope) {
        asked.add("inspect " + network + " " + scope.orElse("-"));
        if (!network.equals("there")) {
            throw ApiException.notFound("network " + network + " not found");
        }
        return there(Map.of("c1", new InspectNetwork.Member("web", "e1", "02:00:00:00:00:01", "10.1.0.2/16", "")));
    }

    @Override
    public CreateNetworkResponse create(CreateNetworkBody request) {
        asked.add("create " + request.name + " " + request.driver + " " + request.enableIpv4 + " " + request.enableIpv6 + " " + request.ipam + " "
                + request.configFrom.network() + " " + request.options + " " + request.labels);
        return new CreateNetworkResponse("n2", "");
    }

    @Override
    public void remove(String network) {
        asked.add("remove " + network);
    }

    @Override
    public void connect(String network, String container, EndpointSettings settings) {
        asked.add("connect " + network + " " + container + " " + settings.aliases);
    }

    @Override
    public void disconnect(String network, String container, boolean force) {
        asked.add("disconnect " + network + " " + container + " " + force);
    }

    @Override
    public PrunedNetworks prune(Filters filters) {
        asked.add("prune " + filters.values());
        return new PrunedNetworks(filters.has("label") ? List.of() : List.of("there"));
    }
}
