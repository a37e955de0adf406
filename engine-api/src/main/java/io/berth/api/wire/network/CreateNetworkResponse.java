package io.berth.api.wire.network;

/** The answer of {@code POST /networks/create}. */
public record CreateNetworkResponse(String id, String warning) {
}
