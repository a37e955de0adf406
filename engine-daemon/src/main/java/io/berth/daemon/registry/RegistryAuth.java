package io.berth.daemon.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.api.wire.registry.AuthRequest;
import io.berth.store.content.StoreException;
import io.berth.store.image.Json;
import io.berth.store.registry.Credentials;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** Reads credentials as clients send them. */
public final class RegistryAuth {

    private RegistryAuth() {}

    /**
     * The header X-Registry-Auth: JSON in base64, of either alphabet, with or without padding. What cannot be read is nobody, as in
     * the reference engine.
     */
    public static Credentials parse(String header) {
        return decode(header.strip()).map(RegistryAuth::read).orElse(Credentials.ANONYMOUS);
    }

    private static Optional<byte[]> decode(String text) {
        String plain = text.replace('+', '-').replace('/', '_').replaceFirst("=+$", "");
        try {
            return Optional.of(Base64.getUrlDecoder().decode(plain));
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    private static Credentials read(byte[] document) {
        try {
            JsonNode json = Json.parse(document, "credentials");
            return of(Json.text(json, "username"), Json.text(json, "password"), Json.text(json, "auth"), Json.text(json, "identitytoken"),
                    Json.text(json, "registrytoken"));
        } catch (StoreException malformed) {
            return Credentials.ANONYMOUS;
        }
    }

    static Credentials of(AuthRequest request) {
        return of(request.username(), request.password(), request.auth(), request.identityToken(), request.registryToken());
    }

    /** @param pair user and password in one, in base64: some clients send what is in the CLI's configuration */
    private static Credentials of(String user, String password, String pair, String identityToken, String registryToken) {
        String decoded = user.isEmpty() && !pair.isEmpty() ? decode(pair).map(bytes -> new String(bytes, StandardCharsets.UTF_8)).orElse("") : "";
        int colon = decoded.indexOf(':');
        return colon < 0 ? new Credentials(user, password, identityToken, registryToken)
                : new Credentials(decoded.substring(0, colon), decoded.substring(colon + 1), identityToken, registryToken);
    }
}
