package io.berth.daemon.network.sandbox;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.definition.NetworkId;
import io.berth.daemon.network.port.PublishedPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a container has of networks while it runs: written down with its run, and handed to
 * {@code Networks.reconcile} after a restart of the daemon.
 *
 * @param endpoints in the order of their links
 * @param ports     published on the host; they lead to the endpoint that has the default route of their family
 * @param names     how names are resolved; empty when no network of it has a resolver
 */
public record Sandbox(String containerId, List<Endpoint> endpoints, List<PublishedPort> ports, Optional<NameSettings> names) {

    public Sandbox {
        endpoints = List.copyOf(endpoints);
        ports = List.copyOf(ports);
    }

    public Optional<Endpoint> endpoint(NetworkId network) {
        return endpoints.stream().filter(endpoint -> endpoint.network().equals(network)).findFirst();
    }

    public Sandbox with(Endpoint joined, List<PublishedPort> changed) {
        List<Endpoint> more = new ArrayList<>(endpoints);
        more.add(joined);
        return new Sandbox(containerId, more, changed, names);
    }

    public Sandbox without(Endpoint left, List<PublishedPort> changed) {
        return new Sandbox(containerId, endpoints.stream().filter(endpoint -> !endpoint.id().equals(left.id())).toList(), changed, names);
    }

    /** The first address of a family, in the order of the endpoints. */
    public Optional<IpAddress> address(IpFamily family) {
        return endpoints.stream().flatMap(endpoint -> endpoint.address(family).stream()).findFirst();
    }
}
