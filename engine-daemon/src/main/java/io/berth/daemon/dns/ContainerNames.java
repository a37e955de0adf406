package io.berth.daemon.dns;

import io.berth.daemon.network.NameService;
import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.definition.NetworkId;
import io.berth.daemon.network.sandbox.Endpoint;
import io.berth.daemon.network.sandbox.NameSettings;
import io.berth.daemon.network.sandbox.Place;
import io.berth.daemon.network.sandbox.Sandbox;
import io.berth.linux.keeper.KeeperClient;
import io.berth.linux.keeper.KeeperException;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The names of the containers of user-defined networks, and the resolver that answers them. Threads and sockets come with the first such
 * container; a daemon without one has nothing of it.
 *
 * <p>{@link #opened} makes the container's sockets and gives copies to the keeper before the container runs, so there is no moment at which
 * it could ask and nobody would ever listen. After a crash {@link #takeOver} goes on with them.
 */
public final class ContainerNames implements NameService, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ContainerNames.class);

    private final Kernel kernel;
    private final Function<NetworkId, Optional<NetworkDefinition>> networks;
    private final SocketKeeper keeper;
    private final NamesOfNetworks names;
    private final NamespaceThread thread;
    private final NamespaceSockets sockets;
    /** With the first container. */
    private Optional<DnsServer> server = Optional.empty();

    ContainerNames(Kernel kernel, Function<NetworkId, Optional<NetworkDefinition>> networks, SocketKeeper keeper,
            Supplier<List<Upstream>> hostServers) {
        this.kernel = kernel;
        this.networks = networks;
        this.keeper = keeper;
        names = new NamesOfNetworks(hostServers);
        thread = new NamespaceThread(kernel);
        sockets = new NamespaceSockets(kernel, thread);
    }

    /**
     * Changes nothing yet. The host's network namespace is that of the calling thread.
     *
     * @param networks what a network is, asked from the thread that tells of sandboxes; answers at once
     * @param keeper   asked for when there is a container to serve
     */
    public static ContainerNames open(Kernel kernel, Function<NetworkId, Optional<NetworkDefinition>> networks, Supplier<KeeperClient> keeper) {
        return new ContainerNames(kernel, networks, new KeptSockets(keeper), new HostResolvers()::servers);
    }

    @Override
    public void opened(Sandbox sandbox, Fd namespace) {
        String container = sandbox.containerId();
        changed(sandbox);
        try {
            server().serve(container, thread.call(() -> listen(container, namespace)));
        } catch (RuntimeException failure) {
            names.remove(container);
            throw failure;
        }
    }

    private ResolverSockets listen(String container, Fd namespace) {
        ResolverSockets listening = sockets.listen(namespace);
        try {
            keeper.keep(container, listening);
            return listening;
        } catch (RuntimeException failure) {
            listening.close();
            throw failure;
        }
    }

    @Override
    public void changed(Sandbox sandbox) {
        names.put(sandbox.containerId(), member(sandbox));
    }

    @Override
    public void closed(String containerId) {
        if (names.remove(containerId)) {
            server().end(containerId);
            thread.later(() -> keeper.drop(containerId));
        }
    }

    /** Returns at once; the containers' sockets are listened at a moment later, and what they asked meanwhile waits there. */
    @Override
    public void takeOver(Collection<Sandbox> live) {
        live.forEach(this::changed);
        Set<String> running = new HashSet<>(live.stream().map(Sandbox::containerId).toList());
        DnsServer answers = running.isEmpty() ? null : server();
        thread.later(() -> {
            for (String container : running) {
                keeper.take(container).ifPresentOrElse(kept -> answers.serve(container, kept), () -> LOG.warn(
                        "container {} cannot resolve names until it is started again: the keeper has lost its sockets", container));
            }
            dropAllBut(running);
        });
    }

    /** What is kept for containers that ended while no daemon ran holds their namespaces, and with them addresses and links. */
    private void dropAllBut(Set<String> running) {
        try {
            keeper.containers().stream().filter(container -> !running.contains(container)).forEach(keeper::drop);
        } catch (KeeperException failure) {
            LOG.warn("cannot find out which sockets of ended containers the keeper has: {}", failure.getMessage());
        }
    }

    private DnsServer server() {
        if (server.isEmpty()) {
            server = Optional.of(thread.call(() -> thread.onHost(() -> new DnsServer(kernel, names, sockets))));
        }
        return server.orElseThrow();
    }

    private NamesOfNetworks.Member member(Sandbox sandbox) {
        List<Endpoint> searched = sandbox.endpoints().stream().sorted(Comparator.comparingInt(ContainerNames::priority).reversed()).toList();
        NameSettings settings = sandbox.names().orElse(new NameSettings(List.of()));
        boolean goesOut = searched.stream().flatMap(endpoint -> networks.apply(endpoint.network()).stream())
                .anyMatch(network -> !network.internal());
        return new NamesOfNetworks.Member(searched.stream().flatMap(this::membership).toList(),
                settings.servers().stream().map(IpAddress::parse).toList(), goesOut, !settings.completesNames());
    }

    /** The endpoint with the way out is searched first, as the reference does. */
    private static int priority(Endpoint endpoint) {
        return endpoint.place().map(Place::gatewayPriority).orElse(0);
    }

    private Stream<Membership> membership(Endpoint endpoint) {
        List<IpAddress> addresses = Stream.of(IpFamily.values()).flatMap(family -> endpoint.address(family).stream()).toList();
        return networks.apply(endpoint.network()).stream().filter(network -> !network.isPredefined() && !addresses.isEmpty())
                .map(network -> new Membership(network.id().hex(), network.name(), endpoint.names(), endpoint.links(), addresses));
    }

    /** Lets go of threads and sockets; the keeper has copies, and containers go on asking. */
    @Override
    public void close() {
        server.ifPresent(DnsServer::close);
        thread.close();
    }
}
