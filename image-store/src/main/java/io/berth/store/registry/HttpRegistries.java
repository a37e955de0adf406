package io.berth.store.registry;

import io.berth.store.image.ImageReference;
import io.berth.store.registry.RegistryException.Kind;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Registries over HTTP. What was learnt of one, such as a token, serves the next request to it as well. Thread-safe. */
public final class HttpRegistries implements Registries, AutoCloseable {

    private static final int MOST_AUTHORIZATIONS = 256;

    private final RegistrySettings settings;
    private final RegistryHosts hosts;
    private final Transport transport;
    private final Tokens tokens;
    private final Map<URI, Boolean> plain = new ConcurrentHashMap<>();
    private final Map<Asked, Authorization> authorizations = Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Asked, Authorization> eldest) {
            return size() > MOST_AUTHORIZATIONS;
        }
    });

    /** Who asks whom for what. */
    private record Asked(URI base, Credentials credentials, List<Scope> scopes) {}

    /** Connects to nobody yet. */
    public HttpRegistries(RegistrySettings settings) {
        this.settings = settings;
        hosts = new RegistryHosts(settings);
        transport = new Transport(settings.patience(), settings.proxies(), hosts::tls);
        tokens = new Tokens(transport, false);
    }

    @Override
    public Repository repository(ImageReference name, Credentials credentials, Access access) {
        List<RegistryHost> serving = hosts.of(name.domain());
        List<Scope> scopes = List.of(Scope.of(name.path(), access));
        List<HostConnection> connections = serving.stream().map(host -> connection(host, credentials, scopes)).toList();
        return new HttpRepository(name, access, connections, from -> connection(pushed(serving), credentials,
                Scope.merge(scopes, List.of(Scope.of(from.path(), Access.PULL)))));
    }

    private static RegistryHost pushed(List<RegistryHost> serving) {
        return serving.stream().filter(host -> host.can(RegistryHost.Capability.PUSH)).findFirst().orElse(serving.getLast());
    }

    private HostConnection connection(RegistryHost host, Credentials credentials, List<Scope> scopes) {
        Credentials shown = host.itself() ? credentials : Credentials.ANONYMOUS;
        return new HostConnection(host, transport, settings.patience(), plain, to -> authorizations.computeIfAbsent(
                new Asked(to.base(), shown, scopes), asked -> new Authorization(Origin.of(to.base()), shown, scopes, tokens)));
    }

    /**
     * Tries credentials.
     *
     * @param server a registry as people write it: {@code HOST:PORT}, an address, or nothing for docker.io
     * @return an identity token to keep instead of the password, or empty when the registry gives none
     * @throws RegistryException unauthorized, or why it cannot be asked
     */
    public String login(String server, Credentials credentials) {
        String domain = ServerName.of(server);
        RegistryHost host = hosts.of(domain).stream().filter(RegistryHost::itself).findFirst().orElseThrow();
        // Nothing is remembered of it: who logs in wants to hear what is true now.
        Map<RegistryHost, Authorization> asked = new ConcurrentHashMap<>();
        Tokens offline = new Tokens(transport, true);
        HostConnection connection = new HostConnection(host, transport, settings.patience(), plain, to -> asked.computeIfAbsent(to,
                shown -> new Authorization(Origin.of(shown.base()), credentials, List.of(), offline)));
        HttpResponse<ArrivingBody> response = connection.send("GET", "/", request -> request);
        Bodies.discard(response);
        if (response.statusCode() != 200) {
            throw new RegistryException(Kind.INVALID, "login attempt to " + response.uri() + " failed with status: " + Status.text(response.statusCode()));
        }
        return asked.values().stream().map(Authorization::identityToken).filter(token -> !token.isEmpty()).findFirst().orElse("");
    }

    /** Finds repositories by a word; asks the registry that the term begins with, or docker.io. */
    public List<Found> search(String term, int limit, Credentials credentials) {
        return new Search(hosts, transport, settings.patience(), plain).find(term, limit, credentials);
    }

    @Override
    public void close() {
        transport.close();
    }
}
