package io.berth.api.wire.network;

import io.berth.api.wire.container.EndpointSettings;

/** What {@code POST /networks/{id}/connect} asks for: the container, by name or id, and how it is to be connected. */
public final class ConnectBody {
    public String container = "";
    public EndpointSettings endpointConfig = new EndpointSettings();
}
