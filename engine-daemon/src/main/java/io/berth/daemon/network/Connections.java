package io.berth.daemon.network;

import io.berth.daemon.failpoint.Failpoint;
import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.definition.EndpointId;
import io.berth.daemon.network.link.ContainerNamespace;
import io.berth.daemon.network.link.HostNetwork;
import io.berth.daemon.network.link.Undo;
import io.berth.daemon.network.port.PortBinding;
import io.berth.daemon.network.port.PortTarget;
import io.berth.daemon.network.port.PublishedPort;
import io.berth.daemon.network.port.PublishedPorts;
import io.berth.daemon.network.sandbox.Connection;
import io.berth.daemon.network.sandbox.Endpoint;
import io.berth.daemon.network.sandbox.EndpointOptions;
import io.berth.daemon.network.sandbox.EndpointRequest;
import io.berth.daemon.network.sandbox.Place;
import io.berth.daemon.network.sandbox.Sandbox;
import io.berth.daemon.network.sandbox.SandboxRequest;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCallException;
import io.berth.linux.namespace.NetworkNamespace;
import io.berth.linux.namespace.NetworkNamespacePool;
import io.berth.linux.netlink.NetlinkException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Containers' connections to networks with links, from a start to the end of the container. On the network's thread alone. */
final class Connections {

    private final Kernel kernel;
    private final LiveNetworks networks;
    private final NetworkNamespacePool namespaces;
    private final PublishedPorts published;

    Connections(Kernel kernel, LiveNetworks networks, NetworkNamespacePool namespaces, PublishedPorts published) {
        this.kernel = kernel;
        this.networks = networks;
        this.namespaces = namespaces;
        this.published = published;
    }

    /** All of it or nothing: links and addresses first, then ports, which answer when this returns. */
    Connection connect(SandboxRequest request) {
        List<Gateways.Candidate> places = take(request.endpoints());
        try {
            NetworkNamespace fresh = namespaces.take();
            try {
                Sandbox sandbox = attach(request, places, fresh);
                fresh.routes().close();
                return new Connection(sandbox, Optional.of(fresh.handle()));
            } catch (RuntimeException failure) {
                // and the kernel takes the links away with it
                fresh.close();
                throw failure;
            }
        } catch (RuntimeException failure) {
            places.forEach(candidate -> candidate.network().giveBack(candidate.place()));
            throw failure;
        }
    }

    private List<Gateways.Candidate> take(List<EndpointRequest> requests) {
        List<Gateways.Candidate> places = new ArrayList<>();
        LinkNames names = new LinkNames(List.of("lo"));
        try {
            for (EndpointRequest request : requests) {
                LiveNetwork network = networks.prepared(request.network());
                String link = names.choose(EndpointOptions.parse(request.driverOptions()), network.linkPrefix());
                places.add(new Gateways.Candidate(network, network.take(request, link)));
            }
            return places;
        } catch (RuntimeException failure) {
            places.forEach(candidate -> candidate.network().giveBack(candidate.place()));
            throw failure;
        }
    }

    private Sandbox attach(SandboxRequest request, List<Gateways.Candidate> places, NetworkNamespace fresh) {
        Gateways gateways = Gateways.among(places);
        List<Endpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < places.size(); i++) {
            EndpointRequest wanted = request.endpoints().get(i);
            EndpointId id = places.get(i).network().host().attach(ContainerNamespace.of(kernel, fresh), wiring(wanted, places.get(i).place(),
                    gateways.through(places.get(i).place())));
            endpoints.add(new Endpoint(id, wanted.network(), wanted.names(), wanted.links(), Optional.of(places.get(i).place())));
            Failpoint.CONNECT_LINKED.reach();
        }
        List<PublishedPort> ports = published.publish(gateways.completed(request.ports()), gateways.target());
        Failpoint.CONNECT_PUBLISHED.reach();
        for (int i = 0; i < places.size(); i++) {
            places.get(i).network().connected().put(endpoints.get(i).id(), request.containerId());
        }
        return new Sandbox(request.containerId(), endpoints, ports, request.names());
    }

    private static HostNetwork.Wiring wiring(EndpointRequest request, Place place, Collection<IpFamily> routes) {
        Set<IpFamily> families = EnumSet.noneOf(IpFamily.class);
        families.addAll(routes);
        return new HostNetwork.Wiring(place, families, EndpointOptions.parse(request.driverOptions()).files(place.link()));
    }

    /** A further network for a container that runs. What fails leaves everything as it was. */
    Sandbox join(Sandbox sandbox, ContainerNamespace container, EndpointRequest request, List<PortBinding> bindings) {
        if (sandbox.endpoint(request.network()).isPresent()) {
            throw new NetworkException(NetworkException.Kind.FORBIDDEN, "endpoint of container " + sandbox.containerId()
                    + " already exists in network " + request.network());
        }
        LiveNetwork network = networks.prepared(request.network());
        Gateways before = gateways(sandbox.endpoints());
        String link = new LinkNames(container.links()).choose(EndpointOptions.parse(request.driverOptions()), network.linkPrefix());
        Place place = network.take(request, link);
        List<Gateways.Candidate> all = candidates(sandbox.endpoints());
        all.add(new Gateways.Candidate(network, place));
        Gateways after = Gateways.among(all);
        DefaultRoutes routes = new DefaultRoutes(container, before, after);
        try {
            EndpointId id = network.host().attach(container, wiring(request, place, List.of()));
            Endpoint endpoint = new Endpoint(id, request.network(), request.names(), request.links(), Optional.of(place));
            Failpoint.JOIN_LINKED.reach();
            try {
                routes.move();
                Failpoint.JOIN_ROUTED.reach();
                List<PublishedPort> ports = moved(sandbox.ports(), bindings, before, after);
                Failpoint.JOIN_PUBLISHED.reach();
                network.connected().put(id, sandbox.containerId());
                return sandbox.with(endpoint, ports);
            } catch (RuntimeException failure) {
                Undo.after(failure, () -> network.host().detach(container, endpoint));
                Undo.after(failure, routes::moveBack);
                throw failure;
            }
        } catch (RuntimeException failure) {
            network.giveBack(place);
            throw failure;
        }
    }

    private List<PublishedPort> moved(List<PublishedPort> ports, List<PortBinding> bindings, Gateways before, Gateways after) {
        PortTarget from = before.target();
        PortTarget to = after.target();
        return from.equals(to) ? ports : published.move(ports, after.completed(bindings), from, to);
    }

    /** One network less for a container that runs. Again harmless for one that a crash interrupted. */
    Sandbox leave(Sandbox sandbox, ContainerNamespace container, Endpoint endpoint, List<PortBinding> bindings) {
        Gateways before = gateways(sandbox.endpoints());
        List<Endpoint> others = sandbox.endpoints().stream().filter(other -> !other.id().equals(endpoint.id())).toList();
        Gateways after = gateways(others);
        List<PublishedPort> ports = moved(sandbox.ports(), bindings, before, after);
        Failpoint.LEAVE_WITHDRAWN.reach();
        LiveNetwork network = networks.known(endpoint.network());
        network.host().detach(container, endpoint);
        Failpoint.LEAVE_UNLINKED.reach();
        new DefaultRoutes(container, before, after).add();
        Failpoint.LEAVE_ROUTED.reach();
        release(endpoint);
        return sandbox.without(endpoint, ports);
    }

    /** After the container has ended; its links go with its namespace. */
    void disconnect(Sandbox sandbox) {
        boolean known = sandbox.endpoints().stream().anyMatch(endpoint -> networks.find(endpoint.network())
                .filter(network -> network.connected().containsKey(endpoint.id())).isPresent());
        if (known) {
            published.withdraw(sandbox.ports(), gateways(sandbox.endpoints()).target());
            Failpoint.DISCONNECT_WITHDRAWN.reach();
            sandbox.endpoints().forEach(this::release);
        }
    }

    private void release(Endpoint endpoint) {
        networks.find(endpoint.network()).filter(network -> network.connected().remove(endpoint.id()) != null)
                .ifPresent(network -> endpoint.place().ifPresent(network::giveBack));
    }

    /** Takes over what runs, and withdraws what is published for anybody else; what could not be had, in words for the log. */
    List<String> takeOver(List<Sandbox> live) {
        List<String> complaints = new ArrayList<>();
        Map<PortTarget, List<PublishedPort>> ports = new LinkedHashMap<>();
        for (Sandbox sandbox : live) {
            for (Endpoint endpoint : sandbox.endpoints()) {
                endpoint.place().ifPresent(place -> complaints.addAll(takeOver(sandbox, endpoint, place)));
            }
            PortTarget target = gateways(sandbox.endpoints()).target();
            if (!target.equals(PortTarget.NOWHERE)) {
                ports.merge(target, sandbox.ports(), (some, others) -> {
                    List<PublishedPort> both = new ArrayList<>(some);
                    both.addAll(others);
                    return both;
                });
            }
        }
        complaints.addAll(published.takeOver(ports));
        return complaints;
    }

    /** A network that cannot be used at the moment is no reason for the daemon not to start. */
    private List<String> takeOver(Sandbox sandbox, Endpoint endpoint, Place place) {
        try {
            LiveNetwork network = networks.known(endpoint.network());
            network.connected().put(endpoint.id(), sandbox.containerId());
            List<IpAddress> taken = network.takeAgain(place);
            networks.prepared(endpoint.network());
            return taken.stream().map(address -> "address " + address + " of a running container is not free in network "
                    + network.definition().name()).toList();
        } catch (NetworkException | NetlinkException | SystemCallException refusal) {
            return List.of("container " + sandbox.containerId() + " runs, but its network " + endpoint.network() + " cannot be taken over: "
                    + refusal.getMessage());
        }
    }

    /** Default routes of a running container that went with a link of which nobody knew. */
    void routeAgain(Sandbox sandbox, ContainerNamespace container) {
        new DefaultRoutes(container, Gateways.among(List.of()), gateways(sandbox.endpoints())).add();
    }

    private Gateways gateways(List<Endpoint> endpoints) {
        return Gateways.among(candidates(endpoints));
    }

    private List<Gateways.Candidate> candidates(List<Endpoint> endpoints) {
        List<Gateways.Candidate> candidates = new ArrayList<>();
        // one whose network a damaged journal has lost leads nowhere
        endpoints.stream().filter(endpoint -> networks.exists(endpoint.network())).forEach(endpoint -> endpoint.place().ifPresent(place ->
                candidates.add(new Gateways.Candidate(networks.known(endpoint.network()), place))));
        return candidates;
    }
}
