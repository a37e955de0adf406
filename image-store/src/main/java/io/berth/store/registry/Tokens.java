package io.berth.store.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.store.content.StoreException;
import io.berth.store.image.Json;
import io.berth.store.registry.RegistryException.Kind;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Asks token servers: by GET (distribution's token specification), or, with an identity token, by POST as OAuth2 has it
 * (distribution's oauth2 specification).
 */
final class Tokens {

    private static final String CLIENT = "docker";

    private final Transport transport;
    private final boolean offline;

    /** @param offline whether to ask for an identity token, too */
    Tokens(Transport transport, boolean offline) {
        this.transport = transport;
        this.offline = offline;
    }

    /**
     * @param registry who gave the challenge
     * @throws RegistryException unauthorized when the server does not believe the credentials
     */
    Token fetch(Origin registry, Challenge challenge, Credentials credentials, List<Scope> scopes) {
        URI realm = realm(registry, challenge, credentials);
        String service = challenge.parameter("service");
        List<Scope> wanted = Scope.merge(scopes, Scope.parse(challenge.parameter("scope")));
        Request request = credentials.identityToken().isEmpty() ? get(realm, service, wanted, credentials)
                : post(realm, service, wanted, credentials);
        HttpResponse<ArrivingBody> response = transport.send(request);
        if (response.statusCode() != 200) {
            throw refused(response);
        }
        return read(Bodies.document(response, "token of " + realm.getHost()), realm, credentials);
    }

    private static URI realm(Origin registry, Challenge challenge, Credentials credentials) {
        String text = challenge.parameter("realm");
        URI realm;
        try {
            realm = URI.create(text);
        } catch (IllegalArgumentException malformed) {
            throw new RegistryException(Kind.INVALID, "registry " + registry.host() + " names no token server: realm \"" + text + '"', malformed);
        }
        if (realm.getHost() == null || realm.getScheme() == null || !realm.getScheme().matches("(?i)https?")) {
            throw new RegistryException(Kind.INVALID, "registry " + registry.host() + " names no token server: realm \"" + text + '"');
        }
        if (registry.isEncrypted() && !Origin.of(realm).isEncrypted() && !credentials.isAnonymous()) {
            throw new RegistryException(Kind.DENIED, "registry " + registry.host() + " wants the credentials sent in plain text, to "
                    + text + ": refused");
        }
        return realm;
    }

    private Request get(URI realm, String service, List<Scope> scopes, Credentials credentials) {
        StringBuilder query = new StringBuilder();
        if (!credentials.username().isEmpty()) {
            append(query, "account", credentials.username());
        }
        if (offline) {
            append(query, "client_id", CLIENT);
            append(query, "offline_token", "true");
        }
        scopes.forEach(scope -> append(query, "scope", scope.toString()));
        if (!service.isEmpty()) {
            append(query, "service", service);
        }
        String joint = query.isEmpty() ? "" : realm.getRawQuery() == null ? "?" : "&";
        Request request = Request.of("GET", URI.create(realm + joint + query));
        return credentials.username().isEmpty() ? request
                : request.withSecrets(Map.of("Authorization", Authorization.basic(credentials)));
    }

    private Request post(URI realm, String service, List<Scope> scopes, Credentials credentials) {
        StringBuilder form = new StringBuilder();
        append(form, "grant_type", "refresh_token");
        append(form, "service", service);
        append(form, "client_id", CLIENT);
        append(form, "scope", scopes.stream().map(Scope::toString).collect(Collectors.joining(" ")));
        append(form, "refresh_token", credentials.identityToken());
        return Request.of("POST", realm).with("Content-Type", "application/x-www-form-urlencoded")
                .withBody(() -> BodyPublishers.ofString(form.toString()), () -> 0);
    }

    private static void append(StringBuilder query, String name, String value) {
        query.append(query.isEmpty() ? "" : "&").append(name).append('=').append(URLEncoder.encode(value, StandardCharsets.UTF_8));
    }

    private static RegistryException refused(HttpResponse<ArrivingBody> response) {
        Refusal refusal = Refusal.of(response);
        // OAuth2 servers answer 400 to a token that is not theirs.
        return new RegistryException(response.statusCode() == 400 ? Kind.UNAUTHORIZED : refusal.kind(), refusal.message());
    }

    private static Token read(byte[] document, URI realm, Credentials credentials) {
        JsonNode json;
        try {
            json = Json.parse(document, "token");
        } catch (StoreException malformed) {
            throw new RegistryException(Kind.INVALID, "the token server " + realm.getHost() + " answers with something else than JSON", malformed);
        }
        String token = Json.text(json, "token");
        String text = token.isEmpty() ? Json.text(json, "access_token") : token;
        if (!text.matches("[\\x21-\\x7e]+")) {
            throw new RegistryException(Kind.INVALID, "authorization server did not include a token in the response");
        }
        String refresh = Json.text(json, "refresh_token");
        return Token.of(text, Json.member(json, "expires_in").asLong(0), refresh.isEmpty() ? credentials.identityToken() : refresh);
    }
}
