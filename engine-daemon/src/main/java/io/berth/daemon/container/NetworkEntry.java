package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.EndpointSettings;
import io.berth.daemon.network.Networks;
import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.definition.NetworkKind;
import io.berth.daemon.network.sandbox.Connection;
import io.berth.daemon.network.sandbox.EndpointRequest;
import io.berth.daemon.network.sandbox.NameSettings;
import io.berth.daemon.network.sandbox.Sandbox;
import io.berth.daemon.network.sandbox.SandboxRequest;
import io.berth.daemon.spec.Attachment;
import io.berth.daemon.spec.ContainerSpec;
import io.berth.daemon.spec.Definition;
import io.berth.daemon.spec.SpecCompiler;
import io.berth.linux.kernel.Fd;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The network of a container that is about to start: one of its own, connected to what it is attached to, or another container's. */
final class NetworkEntry {

    private final Networks networks;
    private final Containers containers;
    private final SpecCompiler compiler;
    private final NamespaceDoor namespaces;
    private final NameDefaults defaults;

    /** @param defaults for containers that ask for no resolvers */
    NetworkEntry(Networks networks, Containers containers, SpecCompiler compiler, NamespaceDoor namespaces, NameDefaults defaults) {
        this.networks = networks;
        this.containers = containers;
        this.compiler = compiler;
        this.namespaces = namespaces;
        this.defaults = defaults;
    }

    /**
     * @param owner whose network it is, and so whose name and files: the container itself, or the other one
     * @param sandbox what the container has of networks; nothing when it has another's
     * @param namespace for its first process; empty for the host's
     */
    record Entered(Container owner, Optional<Sandbox> sandbox, Optional<Fd> namespace) implements AutoCloseable {

        @Override
        public void close() {
            namespace.ifPresent(Fd::close);
        }
    }

    /** @throws StartFailure when it cannot be; nothing is left then */
    Entered enter(Container container) {
        ContainerSpec.Networking wanted = container.spec().networking();
        return wanted.sharedWith().map(other -> share(container, other)).orElseGet(() -> connect(container, wanted));
    }

    private Entered share(Container container, String reference) {
        Container other = containers.find(reference).orElseThrow(() -> StartFailure.ofNetwork(ApiException.Kind.CONFLICT,
                "joining network namespace of container: No such container: " + reference));
        if (other == container) {
            throw StartFailure.ofNetwork(ApiException.Kind.CONFLICT, "cannot join own network namespace");
        }
        if (other.state() instanceof ContainerState.Restarting) {
            throw StartFailure.ofNetwork(ApiException.Kind.CONFLICT, "Container " + other.id()
                    + " is restarting, wait until the container is running");
        }
        Optional<Fd> namespace = namespaces.open(other);
        if (namespace.isEmpty()) {
            throw StartFailure.ofNetwork(ApiException.Kind.CONFLICT, "cannot join network namespace of a non running container: container "
                    + other.name() + " is " + other.state().word());
        }
        return new Entered(other.spec().networking().sharedWith().flatMap(containers::find).orElse(other), Optional.empty(), namespace);
    }

    private Entered connect(Container container, ContainerSpec.Networking wanted) {
        try {
            List<EndpointRequest> endpoints = new ArrayList<>();
            Definition definition = container.definition();
            for (Attachment attachment : wanted.attachments()) {
                NetworkDefinition network = network(container, attachment);
                definition = remembered(definition, attachment, network);
                endpoints.add(ContainerNetworks.request(network, attachment, definition));
            }
            Connection connection = networks.connect(new SandboxRequest(container.id().hex(), container.name(), endpoints, wanted.ports(),
                    Optional.of(names(container.spec().host()))));
            if (definition != container.definition()) {
                containers.note(container, definition, compiler);
            }
            return new Entered(container, Optional.of(connection.sandbox()), connection.namespace());
        } catch (NetworkException failure) {
            throw StartFailure.ofNetwork(container, failure);
        }
    }

    private NetworkDefinition network(Container container, Attachment attachment) {
        try {
            return NetworkKind.named(attachment.network()).map(networks::predefined).orElseGet(() -> networks.resolve(attachment.reference()));
        } catch (NetworkException missing) {
            String mode = container.definition().hostConfig().networkMode;
            if (missing.kind() != NetworkException.Kind.NOT_FOUND || !attachment.network().equals(mode) || container.definition().networks().size() == 1) {
                throw missing;
            }
            throw new NetworkException(missing.kind(), "could not find a network matching network mode " + mode + ": " + missing.getMessage());
        }
    }

    /** It comes back to this network, and not to another one that has its name by then. */
    private static Definition remembered(Definition definition, Attachment attachment, NetworkDefinition network) {
        if (network.isPredefined() || attachment.id().isPresent()) {
            return definition;
        }
        EndpointSettings settings = EndpointCheck.asked(definition.networks().get(attachment.network()));
        try {
            EndpointCheck.require(network, settings); // there may have been no such network when it was made
        } catch (ApiException refused) {
            throw StartFailure.ofNetwork(refused.kind(), "failed to set up container networking: " + refused.getMessage());
        }
        settings.networkId = network.id().hex();
        return definition.detachedFrom(attachment.network()).attached(network.name(), settings);
    }

    private NameSettings names(ContainerSpec.Host host) {
        List<String> options = host.dnsOptions().isEmpty() ? defaults.resolvers().options() : host.dnsOptions();
        return new NameSettings(host.dns().isEmpty() ? defaults.resolvers().servers() : host.dns(),
                options.stream().anyMatch(option -> option.matches("ndots:0*[1-9].*")));
    }
}
