package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.EndpointSettings;
import io.berth.api.wire.GivenFields;
import io.berth.daemon.failpoint.Failpoint;
import io.berth.daemon.network.NetworkMembers;
import io.berth.daemon.network.Networks;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.definition.NetworkId;
import io.berth.daemon.network.definition.NetworkKind;
import io.berth.daemon.network.sandbox.Endpoint;
import io.berth.daemon.network.sandbox.EndpointRequest;
import io.berth.daemon.network.sandbox.Sandbox;
import io.berth.daemon.spec.Attachment;
import io.berth.daemon.spec.Definition;
import io.berth.daemon.spec.NetworkOptions;
import io.berth.daemon.spec.SpecCompiler;
import io.berth.linux.kernel.Fd;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Connects containers that there are to further networks, and takes them out of some: {@code docker network connect} and
 * {@code disconnect}.
 *
 * <p><b>Crashes.</b> The definition decides. A connection of a container that runs is made in the kernel, then its endpoint is written
 * down, then the definition; a disconnection goes the other way. What a crash leaves between is an endpoint that the definition knows
 * nothing of, and {@link #finish} takes it away, or a link that no endpoint is known of, which the networks remove.
 */
final class ContainerNetworks implements NetworkMembers {

    private final Containers containers;
    private final Networks networks;
    private final SpecCompiler compiler;
    private final NetworkFilesOfRunning files;
    private final ContainerEvents events;
    private final Function<Container, Optional<Fd>> namespaces;

    /** Brings the files of a running container to what it is connected to now. */
    interface NetworkFilesOfRunning {
        void follow(Container container, Sandbox before, Sandbox after);
    }

    /** @param namespaces opens the network namespace of a container that runs; empty when its process is not known */
    ContainerNetworks(Containers containers, Networks networks, SpecCompiler compiler, NetworkFilesOfRunning files, ContainerEvents events,
            Function<Container, Optional<Fd>> namespaces) {
        this.containers = containers;
        this.networks = networks;
        this.compiler = compiler;
        this.files = files;
        this.events = events;
        this.namespaces = namespaces;
    }

    @Override
    public List<Member> of(NetworkId network) {
        List<Member> members = new ArrayList<>();
        for (Container container : containers.list()) {
            container.sandbox().flatMap(sandbox -> sandbox.endpoint(network))
                    .ifPresent(endpoint -> members.add(new Member(container.id().hex(), container.name(), endpoint)));
        }
        return members;
    }

    @Override
    public void requireKnown(String container) {
        containers.resolve(container);
    }

    @Override
    public String nameOf(String container) {
        return containers.find(container).map(Container::name).orElse(container);
    }

    @Override
    public void connect(NetworkDefinition network, String name, EndpointSettings settings) {
        Container container = containers.resolve(name);
        container.lifecycle().lock();
        try {
            requireStaying(container);
            NetworkChoice.requireJoinable(container, network);
            EndpointSettings asked = EndpointCheck.asked(settings);
            EndpointCheck.require(network, asked);
            if (container.state().currentRun().isPresent()) {
                join(container, network, asked);
            } else if (!isAttached(container, network) || !GivenFields.of(asked, new EndpointSettings()).isEmpty()) {
                if (!network.isPredefined()) {
                    asked.dnsNames = NetworkOptions.dnsNames(container.definition(), asked.aliases); // shown from now on, and not from the create
                }
                containers.redefine(container, container.definition().attached(network.name(), asked), compiler);
            }
        } finally {
            container.lifecycle().unlock();
        }
    }

    private static void requireStaying(Container container) {
        if (container.state() instanceof ContainerState.Removing || container.state() instanceof ContainerState.Dead) {
            throw ApiException.conflict("container " + container.id() + " is marked for removal and cannot be connected or disconnected to the network");
        }
    }

    private static boolean isAttached(Container container, NetworkDefinition network) {
        return container.definition().networks().containsKey(network.name());
    }

    private void join(Container container, NetworkDefinition network, EndpointSettings settings) {
        if (isAttached(container, network)) {
            throw new ApiException(ApiException.Kind.FORBIDDEN, "endpoint with name " + container.name() + " already exists in network " + network.name());
        }
        settings.networkId = network.isPredefined() ? "" : network.id().hex();
        Definition changed = container.definition().attached(network.name(), settings);
        Sandbox before = container.sandbox().orElseThrow(() -> ApiException.notFound("network sandbox for container " + container.id() + " not found"));
        Sandbox after = inNamespace(container, namespace -> networks.join(placed(before), namespace,
                request(network, NetworkOptions.attachment(network.name(), settings, ""), changed), container.spec().networking().ports()));
        Failpoint.ATTACH_JOINED.reach();
        written(container, after);
        Failpoint.ATTACH_ENDPOINT_RECORDED.reach();
        containers.redefine(container, changed, compiler);
        Failpoint.ATTACH_RECORDED.reach();
        files.follow(container, before, after);
        events.network(container, network, "connect");
    }

    /** Without what {@code none} is: a network of which there is nothing to see. */
    private Sandbox placed(Sandbox sandbox) {
        NetworkId none = networks.predefined(NetworkKind.NONE).id();
        return without(sandbox, endpoint -> endpoint.network().equals(none));
    }

    private static Sandbox without(Sandbox sandbox, Predicate<Endpoint> gone) {
        return new Sandbox(sandbox.containerId(), sandbox.endpoints().stream().filter(gone.negate()).toList(), sandbox.ports(), sandbox.names());
    }

    private void written(Container container, Sandbox sandbox) {
        container.sandbox(Optional.of(sandbox));
        containers.changed(container);
    }

    private <T> T inNamespace(Container container, Function<Fd, T> work) {
        Fd namespace = namespaces.apply(container).orElseThrow(() -> ApiException.conflict("container " + container.name()
                + " is only just starting: its network is not known yet, try again"));
        try (namespace) {
            return work.apply(namespace);
        }
    }

    /** What a container that is to be so wants of a network. */
    static EndpointRequest request(NetworkDefinition network, Attachment attachment, Definition definition) {
        List<String> names = network.isPredefined() ? List.of() : NetworkOptions.dnsNames(definition, attachment.aliases());
        return new EndpointRequest(network.id(), attachment.mac(), attachment.ipv4(), attachment.ipv6(), attachment.linkLocal(), names,
                attachment.links(), attachment.driverOptions(), attachment.gatewayPriority());
    }

    @Override
    public void disconnect(NetworkDefinition network, String name) {
        Container container = containers.resolve(name);
        container.lifecycle().lock();
        try {
            requireStaying(container);
            if (container.spec().networking().isHost() && network.name().equals(NetworkKind.HOST.toString())) {
                throw ApiException.invalid("cannot disconnect container from host network - container was created in host network mode");
            }
            boolean runs = container.state().currentRun().isPresent();
            if (!isAttached(container, network)) {
                throw ApiException.conflict("container " + container.id() + " is not connected to " + (runs ? "" : "the ") + "network " + network.name());
            }
            containers.redefine(container, container.definition().detachedFrom(network.name()), compiler);
            Failpoint.DETACH_RECORDED.reach();
            if (runs) {
                container.sandbox().flatMap(sandbox -> sandbox.endpoint(network.id())).ifPresent(endpoint -> leave(container, network, endpoint));
            }
        } finally {
            container.lifecycle().unlock();
        }
    }

    private void leave(Container container, NetworkDefinition network, Endpoint endpoint) {
        Sandbox before = container.sandbox().orElseThrow();
        Sandbox after = endpoint.place().isEmpty() ? without(before, endpoint::equals)
                : inNamespace(container, namespace -> networks.leave(before, namespace, endpoint.id(), container.spec().networking().ports()));
        Failpoint.DETACH_LEFT.reach();
        written(container, after);
        files.follow(container, before, after);
        events.network(container, network, "disconnect");
    }

    /** A container has another name, and so another in its networks. The caller holds its lifecycle. */
    void renamed(Container container) {
        Optional<Sandbox> before = container.sandbox().filter(sandbox -> sandbox.endpoints().stream().anyMatch(endpoint -> !endpoint.names().isEmpty()));
        before.ifPresent(sandbox -> {
            Sandbox after = new Sandbox(sandbox.containerId(), sandbox.endpoints().stream().map(endpoint -> renamed(container, endpoint)).toList(),
                    sandbox.ports(), sandbox.names());
            written(container, after);
            networks.renamed(after);
        });
    }

    private static Endpoint renamed(Container container, Endpoint endpoint) {
        return container.spec().networking().attachments().stream()
                .filter(attachment -> attachment.id().filter(endpoint.network()::equals).isPresent()).findFirst()
                .map(attachment -> endpoint.named(NetworkOptions.dnsNames(container.definition(), attachment.aliases()))).orElse(endpoint);
    }

    /** Ends what the daemon before this one has begun: a running container leaves what it is not to be connected to. */
    void finish(Container container) {
        container.sandbox().ifPresent(sandbox -> sandbox.endpoints().forEach(endpoint -> networks.find(endpoint.network())
                .filter(network -> !isAttached(container, network) && endpoint.place().isPresent())
                .ifPresent(network -> leave(container, network, endpoint))));
    }
}
