package io.berth.daemon.network.definition;

import java.security.SecureRandom;
import java.util.HexFormat;

/** 64 hexadecimal digits that name one container's connection to one network, a new one at every start. */
public record EndpointId(String hex) {

    private static final SecureRandom RANDOM = new SecureRandom();

    public EndpointId {
        if (!hex.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("not the id of an endpoint: " + hex);
        }
    }

    public static EndpointId random() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return new EndpointId(HexFormat.of().formatHex(bytes));
    }

    @Override
    public String toString() {
        return hex;
    }
}
