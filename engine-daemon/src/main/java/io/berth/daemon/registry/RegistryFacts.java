package io.berth.daemon.registry;

import io.berth.api.wire.system.InfoResponse;
import io.berth.store.registry.Proxies;
import io.berth.store.registry.RegistrySettings;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** What {@code docker info} tells of registries. */
public final class RegistryFacts {

    private final Supplier<RegistrySettings> settings;

    public RegistryFacts(Supplier<RegistrySettings> settings) {
        this.settings = settings;
    }

    public void describe(InfoResponse info) {
        RegistrySettings known = settings.get();
        List<String> mirrors = known.mirrors().stream().map(URI::toString).toList();
        Map<String, InfoResponse.Index> indexes = new TreeMap<>();
        known.insecure().names().forEach(name -> indexes.put(name, new InfoResponse.Index(List.of(), name, false, false)));
        indexes.put("docker.io", new InfoResponse.Index(mirrors, "docker.io", true, true));
        info.registryConfig = new InfoResponse.RegistryConfig(indexes, known.insecure().ranges(), mirrors);
        info.httpProxy = Proxies.shown(known.proxies().http());
        info.httpsProxy = Proxies.shown(known.proxies().https());
        info.noProxy = known.proxies().no();
    }
}
