package io.berth.store.registry;

import io.berth.store.image.ImageReference;
import java.net.URI;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Registries over HTTP. What was learnt of one, such as a token, serves the next request to it as well. Thread-safe. */
public final class HttpRegistries implements Registries, AutoCloseable {

    private static final int MOST_AUTHORIZATIONS = 256;

    private final RegistrySettings settings;
    private final RegistryHosts hosts;
    private final Transport transport;
    private final Tokens tokens;
    private final Set<URI> plain = ConcurrentHashMap.newKeySet();
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

    @Override
    public void close() {
        transport.close();
    }
}
