package io.berth.store.registry;

import java.net.URI;
import java.util.Map;
import java.util.Set;

/**
 * One server that has a registry's content: the registry itself or a mirror of it.
 *
 * @param base where the API begins, {@code https://host:5000/v2}, without a slash at its end
 * @param plainToo whether plain HTTP is tried when HTTPS fails
 * @param headers sent with every request
 * @param itself whether it is the registry: it alone gets the user's credentials, and its failures are what the user hears of
 */
record RegistryHost(URI base, Set<Capability> capabilities, Tls tls, boolean plainToo, Map<String, String> headers, boolean itself) {

    /** What it may be asked for. */
    enum Capability {
        /** Content by digest. */
        PULL,
        /** What a tag means. */
        RESOLVE,
        PUSH
    }

    static RegistryHost itself(URI base, Tls tls, boolean plainToo) {
        return new RegistryHost(base, Set.of(Capability.values()), tls, plainToo, Map.of(), true);
    }

    boolean can(Capability capability) {
        return capabilities.contains(capability);
    }

    /** The same server without encryption. */
    RegistryHost plain() {
        return new RegistryHost(URI.create("http" + base.toString().substring("https".length())), capabilities, tls, false, headers, itself);
    }
}
