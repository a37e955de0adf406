package io.berth.api.wire.network;

/** What {@code POST /networks/{id}/disconnect} asks for. */
public record DisconnectBody(String container, boolean force) {

    public DisconnectBody {
        container = container == null ? "" : container;
    }
}
