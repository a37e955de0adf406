package io.berth.daemon.network;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.EndpointSettings;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.definition.NetworkId;
import io.berth.daemon.network.sandbox.Endpoint;
import java.util.List;

/** The containers in the networks, as far as the API's operations on networks need to know of them. */
public interface NetworkMembers {

    /** A container that runs in a network. @param name without a slash */
    record Member(String containerId, String name, Endpoint endpoint) {
    }

    /** Those that run in it now; immediate. */
    List<Member> of(NetworkId network);

    /** Refuses a container that there is not. @throws ApiException not found */
    void requireKnown(String container);

    /** The name of a container without a slash, by its id; the id of one that is gone. */
    String nameOf(String container);

    /**
     * Connects a container, by id or name, which runs or not; it stays connected over its restarts.
     *
     * @throws ApiException in the reference's words, also when it is connected already
     */
    void connect(NetworkDefinition network, String container, EndpointSettings settings);

    /** @throws ApiException in the reference's words, also when it is not connected */
    void disconnect(NetworkDefinition network, String container);
}
