package io.berth.store.registry;

import io.berth.store.registry.RegistryException.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** One registry host, asked by somebody for something: adds to requests what proves who asks. */
final class HostConnection {

    private final RegistryHost host;
    private final Transport transport;
    private final Patience patience;
    private final Function<RegistryHost, Authorization> authorizations;
    /** Of insecure hosts, whether they speak plain HTTP, as far as that is known; everybody's. */
    private final Map<URI, Boolean> plain;

    HostConnection(RegistryHost host, Transport transport, Patience patience, Map<URI, Boolean> plain,
            Function<RegistryHost, Authorization> authorizations) {
        this.host = host;
        this.transport = transport;
        this.patience = patience;
        this.authorizations = authorizations;
        this.plain = plain;
    }

    RegistryHost host() {
        return host;
    }

    Patience patience() {
        return patience;
    }

    /**
     * Asks for something below the API's base.
     *
     * @param path begins with a slash
     * @param more what there is to say besides
     */
    HttpResponse<ArrivingBody> send(String method, String path, UnaryOperator<Request> more) {
        if (!host.plainToo()) {
            return send(request(host, method, path, more), host, transport::send);
        }
        Boolean known = plain.get(host.base());
        if (known == null) {
            return sendFirst(method, path, more);
        }
        RegistryHost to = known ? host.plain() : host;
        try {
            return send(request(to, method, path, more), to, transport::send);
        } catch (RegistryException failure) {
            if (failure.getCause() instanceof IOException) {
                // It may come back as something else.
                plain.remove(host.base());
            }
            throw failure;
        }
    }

    /** Finds out what an insecure registry speaks: without repeating anything, as plain HTTP fails here in many ways. */
    private HttpResponse<ArrivingBody> sendFirst(String method, String path, UnaryOperator<Request> more) {
        try {
            HttpResponse<ArrivingBody> response = send(request(host, method, path, more), host, transport::sendOnce);
            plain.put(host.base(), false);
            return response;
        } catch (RegistryException failure) {
            if (!(failure.getCause() instanceof IOException)) {
                throw failure;
            }
        }
        plain.put(host.base(), true);
        return send(method, path, more);
    }

    private static Request request(RegistryHost to, String method, String path, UnaryOperator<Request> more) {
        return more.apply(Request.of(method, URI.create(to.base() + path)));
    }

    /** Follows what the registry gave as the place to go on: an upload's location. */
    HttpResponse<ArrivingBody> send(Request request) {
        return send(request, now(), transport::send);
    }

    /** For what must not simply be repeated. */
    HttpResponse<ArrivingBody> sendOnce(Request request) {
        return send(request, now(), transport::sendOnce);
    }

    private RegistryHost now() {
        return plain.getOrDefault(host.base(), false) ? host.plain() : host;
    }

    private HttpResponse<ArrivingBody> send(Request request, RegistryHost to, Function<Request, HttpResponse<ArrivingBody>> sender) {
        if (!Origin.of(request.uri()).equals(Origin.of(to.base()))) {
            return sender.apply(request);
        }
        Request complete = request.withSecrets(to.headers()).trusting(to.tls());
        Authorization authorization = authorizations.apply(to);
        Optional<String> sent = told(request, authorization::header);
        HttpResponse<ArrivingBody> response = sender.apply(authorized(complete, sent));
        // After a redirect it is somebody else who asks, and that is nobody's business here.
        if (response.statusCode() != 401 || !Origin.of(response.uri()).equals(Origin.of(to.base()))) {
            return response;
        }
        List<Challenge> challenges = Challenge.parse(response.headers().allValues("WWW-Authenticate"));
        Optional<String> better = told(request, () -> authorization.answer(challenges, sent));
        if (better.isPresent()) {
            Bodies.discard(response);
            return sender.apply(authorized(complete, better));
        }
        if (sent.isEmpty() && challenges.stream().anyMatch(challenge -> challenge.scheme().equals("basic"))) {
            Bodies.discard(response);
            throw new RegistryException(Kind.NO_CREDENTIALS, request.shown() + ": no basic auth credentials");
        }
        return response;
    }

    /** What a token server says is told as what became of the request. */
    private static Optional<String> told(Request request, Supplier<Optional<String>> header) {
        try {
            return header.get();
        } catch (RegistryException refused) {
            throw new RegistryException(refused.kind(), request.shown() + ": " + refused.getMessage(), refused);
        }
    }

    private static Request authorized(Request request, Optional<String> header) {
        return header.map(value -> request.withSecrets(Map.of("Authorization", value))).orElse(request);
    }
}
