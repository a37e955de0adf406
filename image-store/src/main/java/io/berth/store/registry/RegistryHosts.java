package io.berth.store.registry;

import io.berth.store.registry.RegistryHost.Capability;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Knows who serves a registry. Reads the operator's directories anew each time: what is changed there counts at once. */
final class RegistryHosts {

    private static final String HUB = "docker.io";
    private static final String HUB_SERVER = "registry-1.docker.io";

    private final RegistrySettings settings;

    RegistryHosts(RegistrySettings settings) {
        this.settings = settings;
    }

    /** In the order in which they are asked, at least one. */
    List<RegistryHost> of(String domain) {
        String server = domain.equals(HUB) ? HUB_SERVER : domain;
        List<RegistryHost> hosts = new ArrayList<>();
        if (domain.equals(HUB)) {
            settings.mirrors().forEach(mirror -> hosts.add(mirror(mirror)));
        }
        Optional<HostDirectory> directory = directory(domain, server);
        boolean insecure = !domain.equals(HUB) && settings.insecure().contains(domain);
        directory.flatMap(HostDirectory::hostsFile).ifPresentOrElse(
                file -> hosts.addAll(HostsFile.read(file).hosts(server, settings.insecure())),
                () -> hosts.add(RegistryHost.itself(URI.create("https://" + server + "/v2"), certificates(directory, insecure), insecure)));
        return hosts;
    }

    private RegistryHost mirror(URI address) {
        String authority = address.getAuthority();
        boolean insecure = settings.insecure().contains(authority);
        String path = address.getRawPath() == null ? "" : address.getRawPath().replaceFirst("/+$", "");
        return new RegistryHost(URI.create(address.getScheme() + "://" + authority + path + "/v2"),
                Set.of(Capability.PULL, Capability.RESOLVE), certificates(directory(authority, authority), insecure), false, Map.of(), false);
    }

    /** Whom to believe for an address that is no registry's, as far as anybody knows: a token server's, a store of blobs. */
    Tls tls(URI uri) {
        if (!uri.getScheme().equalsIgnoreCase("https")) {
            return Tls.DEFAULT;
        }
        String host = uri.getPort() < 0 ? uri.getHost() : uri.getHost() + ':' + uri.getPort();
        boolean insecure = settings.insecure().contains(host);
        return certificates(directory(host, uri.getHost()).filter(found -> found.hostsFile().isEmpty()), insecure);
    }

    private Optional<HostDirectory> directory(String domain, String server) {
        return HostDirectory.find(settings.hostDirectories(), domain.equals(server) ? List.of(domain) : List.of(domain, server));
    }

    private static Tls certificates(Optional<HostDirectory> directory, boolean anybody) {
        return directory.map(found -> found.certificates(anybody)).orElse(anybody ? Tls.ANYBODY : Tls.DEFAULT);
    }
}
