package io.berth.store.registry;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/**
 * What the operator says of registries.
 *
 * @param mirrors of docker.io, asked before it in this order
 * @param hostDirectories each holds a directory a registry ({@code HOST:PORT}) with certificates or a hosts.toml; the first that
 *         has one for a registry decides
 */
public record RegistrySettings(InsecureRegistries insecure, List<URI> mirrors, Proxies proxies, List<Path> hostDirectories,
        Patience patience) {

    /** Where Docker and containerd look, and a place of our own before them. */
    public static final List<Path> HOST_DIRECTORIES =
            List.of(Path.of("/etc/berth/certs.d"), Path.of("/etc/containerd/certs.d"), Path.of("/etc/docker/certs.d"));

    public static final RegistrySettings DEFAULT =
            new RegistrySettings(InsecureRegistries.LOOPBACK, List.of(), Proxies.NONE, HOST_DIRECTORIES, Patience.DEFAULT);

    public RegistrySettings withPatience(Patience newPatience) {
        return new RegistrySettings(insecure, mirrors, proxies, hostDirectories, newPatience);
    }
}
