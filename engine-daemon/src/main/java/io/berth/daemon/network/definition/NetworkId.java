package io.berth.daemon.network.definition;

/** 64 hexadecimal digits that name a network. */
public record NetworkId(String hex) {

    public NetworkId {
        if (!hex.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("not the id of a network: " + hex);
        }
    }

    /** A new one. */
    public static NetworkId random() {
        return new NetworkId(EndpointId.random().hex());
    }

    @Override
    public String toString() {
        return hex;
    }
}
