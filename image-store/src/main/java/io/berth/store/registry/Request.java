package io.berth.store.registry;

import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What is sent.
 *
 * @param secrets headers for the origin of {@code uri} alone: a redirect to another one does not get them
 * @param body made anew for each attempt
 * @param moved how many bytes of the body have gone out; an upload may take long as long as this grows
 * @param tls for that origin, when it is known
 */
record Request(String method, URI uri, Map<String, String> headers, Map<String, String> secrets, Supplier<BodyPublisher> body,
        LongSupplier moved, Optional<Tls> tls) {

    static Request of(String method, URI uri) {
        return new Request(method, uri, Map.of(), Map.of(), BodyPublishers::noBody, () -> 0, Optional.empty());
    }

    Request to(URI other) {
        return new Request(method, other, headers, secrets, body, moved, tls);
    }

    Request withMethod(String other) {
        return new Request(other, uri, headers, secrets, body, moved, tls);
    }

    Request with(String name, String value) {
        return new Request(method, uri, plus(headers, Map.of(name, value)), secrets, body, moved, tls);
    }

    Request withSecrets(Map<String, String> more) {
        return new Request(method, uri, headers, plus(secrets, more), body, moved, tls);
    }

    Request trusting(Tls how) {
        return new Request(method, uri, headers, secrets, body, moved, Optional.of(how));
    }

    /** A client's certificate is one, too. */
    Request withoutSecrets() {
        return new Request(method, uri, headers, Map.of(), body, moved, Optional.empty());
    }

    Request withBody(Supplier<BodyPublisher> newBody, LongSupplier newMoved) {
        return new Request(method, uri, headers, secrets, newBody, newMoved, tls);
    }

    private static Map<String, String> plus(Map<String, String> some, Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(some);
        all.putAll(more);
        return all;
    }

    /** What the reference engine asks a registry first, so that its failures are told of this. */
    Request ofItsHost() {
        String path = uri.getRawPath();
        return path.startsWith("/v2/") ? of("GET", uri.resolve("/v2/")) : this;
    }

    boolean isRead() {
        return method.equals("GET") || method.equals("HEAD");
    }

    /** As the reference engine's messages begin, {@code Get "https://…"}; without the query, which may hold secrets. */
    String shown() {
        String text = uri.toString();
        int query = text.indexOf('?');
        return method.charAt(0) + method.substring(1).toLowerCase(Locale.ROOT) + " \"" + (query < 0 ? text : text.substring(0, query)) + '"';
    }
}
