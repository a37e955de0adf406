package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.api.wire.container.HostConfig;
import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.definition.NetworkId;
import io.berth.daemon.spec.ContainerId;
import io.berth.daemon.spec.ContainerSpec;
import io.berth.daemon.spec.Link;
import io.berth.daemon.spec.NetworkMode;
import io.berth.daemon.spec.NetworkOptions;
import io.berth.daemon.spec.SpecCompiler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Links between containers on the default bridge: made with a container, kept with its definition, in force while it runs. What it
 * knows of its targets are lines of {@code /etc/hosts}, which follow a target to another address, and variables.
 */
final class Links {

    private static final Logger LOG = LoggerFactory.getLogger(Links.class);

    private final Containers containers;
    private final Function<ContainerId, Path> directories;
    private final SpecCompiler compiler;
    private final NetworkId bridge;

    /**
     * @param directories where what belongs to a container is kept
     * @param bridge the network in which containers find each other by links
     */
    Links(Containers containers, Function<ContainerId, Path> directories, SpecCompiler compiler, NetworkId bridge) {
        this.containers = containers;
        this.directories = directories;
        this.compiler = compiler;
        this.bridge = bridge;
    }

    /**
     * What a container that is about to be made is linked to. Of two links by one alias the first counts.
     *
     * @throws ApiException in the reference engine's words
     */
    List<Link> decide(HostConfig asked) {
        NetworkMode mode = NetworkMode.parse(asked.networkMode);
        if (mode instanceof NetworkMode.Own && NetworkOptions.isUserDefined(asked.networkMode)) {
            return List.of(); // they are names in that network
        }
        Map<String, Link> links = new LinkedHashMap<>();
        for (String text : asked.links) {
            Link.Request request = Link.parse(text);
            Container target = target(request.target());
            if (mode instanceof NetworkMode.Host || target.spec().networking().isHost()) {
                throw ApiException.invalid("conflicting options: host type networking can't be used with links. This would result in undefined behavior");
            }
            if (!request.alias().isEmpty()) {
                links.putIfAbsent(request.alias(), new Link(target.id().hex(), target.name(), request.alias()));
            }
        }
        return List.copyOf(links.values());
    }

    private Container target(String name) {
        if (name.isEmpty()) {
            throw ApiException.invalid("could not get container for : invalid name or ID supplied: \"\"");
        }
        try {
            return containers.resolve(name);
        } catch (ApiException unknown) {
            // Not "not found": clients would look for the image.
            throw ApiException.invalid("could not get container for " + name + ": " + unknown.getMessage());
        }
    }

    /**
     * What a container that is about to start is to be, with the variables of its links.
     *
     * @throws StartFailure when a target does not run, or not on the bridge
     */
    ContainerSpec required(Container container) {
        for (Link link : inForce(container)) {
            Container target = containers.find(link.target()).filter(found -> found.state().isRunning()).orElseThrow(() ->
                    StartFailure.ofLink("Cannot link to a non running container: /" + name(link) + " AS " + link.fullName(container.name())));
            if (address(target).isEmpty()) {
                throw StartFailure.ofLink("container " + target.id() + " not attached to default bridge network");
            }
        }
        return current(container);
    }

    /** The same for a further process in it: what does not run now is left out, so that nobody is kept from looking after what does. */
    ContainerSpec current(Container container) {
        List<Link> links = inForce(container);
        if (links.isEmpty()) {
            return container.spec();
        }
        List<String> variables = new ArrayList<>();
        for (Link link : links) {
            containers.find(link.target()).ifPresent(target -> address(target).ifPresent(address -> variables.addAll(
                    LinkVariables.of(link, link.fullName(container.name()), address, target.exposedPorts(), target.definition().config().env))));
        }
        return container.spec().with(SpecCompiler.environment(container.definition().config(), variables));
    }

    /** The lines of its {@code /etc/hosts}, each with its end. */
    String hosts(Container container) {
        StringBuilder lines = new StringBuilder();
        for (Link link : inForce(container)) {
            containers.find(link.target()).ifPresent(target -> address(target).ifPresent(address -> {
                String name = link.alias().equals(target.name()) ? "" : " " + target.name();
                lines.append(address).append('\t').append(link.hostname()).append(' ').append(target.definition().config().hostname).append(name)
                        .append('\n');
            }));
        }
        return lines.toString();
    }

    /** Without a network there is nobody to be found. */
    private static List<Link> inForce(Container container) {
        return container.spec().networking().isOnDefaultBridge() ? container.definition().links() : List.of();
    }

    private Optional<String> address(Container target) {
        return target.state().isRunning() ? target.sandbox().flatMap(sandbox -> sandbox.endpoint(bridge))
                .flatMap(endpoint -> endpoint.address(IpFamily.V4)).map(IpAddress::toString) : Optional.empty();
    }

    /**
     * A run has begun, perhaps with another address: those who are linked to it learn of it. And so does it itself of its targets, one
     * of which may have been started anew since its file was written.
     */
    void started(Container container) {
        follow(container);
        containers.linked().stream().filter(other -> other.definition().links().stream().anyMatch(link -> link.target().equals(container.id().hex())))
                .forEach(this::follow);
    }

    /** The addresses that containers have by now reach all that are linked to them. */
    void followAll() {
        containers.linked().forEach(this::follow);
    }

    private void follow(Container container) {
        Map<String, Optional<String>> addresses = new HashMap<>();
        for (Link link : inForce(container)) {
            containers.find(link.target()).flatMap(this::address).ifPresent(address -> addresses.put(link.hostname(), Optional.of(address)));
        }
        rewrite(container, addresses);
    }

    private void rewrite(Container container, Map<String, Optional<String>> addresses) {
        if (addresses.isEmpty() || !container.state().isRunning()) {
            return;
        }
        try {
            HostsFile.readdress(new NetworkFiles(directories.apply(container.id())).hosts(), addresses);
        } catch (IOException failure) {
            LOG.warn("container {} may not find the containers it is linked to: {}", container.id().shortForm(), failure.toString());
        }
    }

    /**
     * Takes a link away; its target stays.
     *
     * @param name {@code child/alias}
     * @throws ApiException not found; internal when it is a container's own name, as in the reference engine
     */
    void remove(String name) {
        containers.resolve(name);
        Link.Name parts = Link.Name.of(name).orElseThrow(() -> new ApiException(ApiException.Kind.INTERNAL,
                "Conflict, cannot remove the default link name of the container"));
        Container child = containers.resolve(parts.child());
        child.lifecycle().lock();
        try {
            Link link = child.definition().links().stream().filter(known -> known.alias().equals(parts.alias())).findFirst()
                    .orElseThrow(() -> ApiException.notFound("No such container: " + name));
            containers.redefine(child, child.definition().without(link), compiler);
            rewrite(child, Map.of(link.hostname(), Optional.empty()));
        } finally {
            child.lifecycle().unlock();
        }
    }

    /** As inspect shows them: {@code /target:/child/alias}. */
    List<String> shown(Container container) {
        return container.definition().links().stream().map(link -> "/" + name(link) + ":" + link.fullName(container.name())).toList();
    }

    private String name(Link link) {
        return containers.find(link.target()).map(Container::name).orElse(link.name());
    }

    /** The names that containers have by links, with slashes, by id. */
    Map<String, List<String>> names() {
        Map<String, List<String>> names = new HashMap<>();
        for (Container child : containers.linked()) {
            child.definition().links().forEach(link -> names.computeIfAbsent(link.target(), id -> new ArrayList<>()).add(link.fullName(child.name())));
        }
        return names;
    }
}
