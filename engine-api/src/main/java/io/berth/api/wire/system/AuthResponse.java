package io.berth.api.wire.system;

/** The answer to accepted credentials. */
public record AuthResponse(String status, String identityToken) {
}
