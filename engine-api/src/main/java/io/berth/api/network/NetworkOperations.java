package io.berth.api.network;

import io.berth.api.http.Filters;
import io.berth.api.wire.container.EndpointSettings;
import io.berth.api.wire.network.CreateNetworkBody;
import io.berth.api.wire.network.CreateNetworkResponse;
import io.berth.api.wire.network.InspectNetwork;
import io.berth.api.wire.network.PrunedNetworks;
import java.util.List;
import java.util.Optional;

/**
 * What the API does with networks. A network is meant by its id, its name or the beginning of its id, in this order. Refusals are
 * {@link io.berth.api.http.ApiException}s: not found, invalid when a beginning fits several, forbidden for a predefined network and for
 * one that containers run in.
 */
public interface NetworkOperations {

    /**
     * Those that pass the filters ({@code dangling}, {@code driver}, {@code id}, {@code label}, {@code name}, {@code scope},
     * {@code type}), without their containers.
     */
    List<InspectNetwork> list(Filters filters);

    /** @param scope the network's, when the client asks for one of it */
    InspectNetwork inspect(String network, Optional<String> scope);

    /** Makes a network; it is there for good when this returns. */
    CreateNetworkResponse create(CreateNetworkBody request);

    void remove(String network);

    /** Connects a container, which runs or not: when it does not, from its next start on. */
    void connect(String network, String container, EndpointSettings settings);

    /** @param force whether a container that is not there any more is taken out of the network too */
    void disconnect(String network, String container, boolean force);

    /** Removes what no container runs in and the filters ({@code until}, {@code label}, {@code label!}) let pass. */
    PrunedNetworks prune(Filters filters);
}
