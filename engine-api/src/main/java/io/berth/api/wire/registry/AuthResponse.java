package io.berth.api.wire.registry;

/** The answer to accepted credentials. */
public record AuthResponse(String status, String identityToken) {
}
