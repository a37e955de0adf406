package io.berth.daemon.network;

import io.berth.daemon.failpoint.Failpoint;
import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.definition.Driver;
import io.berth.daemon.network.definition.EndpointId;
import io.berth.daemon.network.definition.NetworkCreation;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.definition.NetworkId;
import io.berth.daemon.network.definition.NetworkKind;
import io.berth.daemon.network.definition.NetworkNames;
import io.berth.daemon.network.definition.NetworkRequest;
import io.berth.daemon.network.link.ContainerNamespace;
import io.berth.daemon.network.link.NetworkThread;
import io.berth.daemon.network.link.Undo;
import io.berth.daemon.network.port.PortBinding;
import io.berth.daemon.network.sandbox.Connection;
import io.berth.daemon.network.sandbox.Endpoint;
import io.berth.daemon.network.sandbox.EndpointRequest;
import io.berth.daemon.network.sandbox.Sandbox;
import io.berth.daemon.network.sandbox.SandboxRequest;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCallException;
import io.berth.linux.namespace.NetworkNamespace;
import io.berth.linux.namespace.NetworkNamespacePool;
import io.berth.linux.netlink.NetlinkException;
import io.berth.store.durable.DurableFiles;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The networks of one instance and the containers' connections to them. Any platform thread may call; the work on the host
 * is done in turn by one thread, and a connection takes about a millisecond. Who only looks waits for nobody.
 *
 * <p><b>Life.</b> Open it; give {@link #reconcile} the sandboxes of the containers that run already; then everything else.
 * Devices are made with their networks, and after a start of the machine again with the first connection that needs them, so
 * they cost the daemon's start nothing. {@link #close} leaves everything on the host as it is: that is how containers keep
 * their network over a restart. {@link #removeAll} takes it away, for a daemon that ends with no container running; the
 * networks are made again when they are needed.
 *
 * <p><b>After a crash.</b> A network exists from its record on: its device is made after that and again whenever it is
 * missing, and a device of a network that is none any more is removed by {@code reconcile}. So are published ports and links
 * that are no live endpoint's. A namespace that no process entered goes with the daemon's descriptors and takes its links along.
 */
public final class Networks implements AutoCloseable {

    /** Prepared namespaces hide the cost of making one from one start after another, not from a burst. */
    private static final int PREPARED_NAMESPACES = 2;

    private final Kernel kernel;
    private final NetworkNames names;
    private final NetworkRegistry registry;
    private final NameService resolver;
    private final NetworkNamespacePool namespaces;
    private final NetworkThread thread = new NetworkThread();
    private final HostState host;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Networks(Kernel kernel, NetworkNames names, NetworkRegistry registry, NetworkSettings settings, NameService resolver) {
        this.kernel = kernel;
        this.names = names;
        this.registry = registry;
        this.resolver = resolver;
        this.namespaces = new NetworkNamespacePool(kernel, PREPARED_NAMESPACES);
        Instant opened = now();
        registry.show(Predefined.bridge(names, opened, settings, List.of()));
        registry.show(Predefined.without(names, opened, NetworkKind.HOST));
        registry.show(Predefined.without(names, opened, NetworkKind.NONE));
        // its sockets belong to the namespace of the thread that opens them
        this.host = thread.call(() -> new HostState(kernel, names, registry, settings, namespaces, thread));
    }

    /**
     * Changes nothing on the host. The host is the network namespace of the calling thread.
     *
     * @param dataRoot has the journal of the networks
     * @param resolver told of everything that bears on names
     */
    public static Networks open(Kernel kernel, NetworkNames names, DurableFiles files, Path dataRoot, NetworkSettings settings,
            NameService resolver) {
        return new Networks(kernel, names, NetworkRegistry.open(files, dataRoot.resolve("networks.journal")), settings, resolver);
    }

    /** All networks, the predefined ones among them, by name; immediate. */
    public List<NetworkDefinition> list() {
        return registry.list();
    }

    /** One of those that are always there; immediate. The range of the bridge is known once it has been made. */
    public NetworkDefinition predefined(NetworkKind kind) {
        return registry.get(names.id(kind));
    }

    /**
     * What else on this host keeps containers from being reached or from reaching others, for {@code docker info}: a look at all
     * tables of the firewall, a millisecond.
     */
    public List<String> warnings() {
        try {
            return change("read the tables of the firewall", host::warnings);
        } catch (NetworkException unreadable) {
            return List.of("WARNING: " + unreadable.getMessage());
        }
    }

    /** The network with this id, if there is one; immediate. */
    public Optional<NetworkDefinition> find(NetworkId id) {
        return registry.find(id);
    }

    /**
     * The network that a client means by its id, its name or the beginning of its id, in this order; immediate.
     *
     * @throws NetworkException not found; or invalid, when the beginning fits several
     */
    public NetworkDefinition resolve(String reference) {
        return registry.resolve(reference);
    }

    /**
     * Makes a network: written down first, then on the host.
     *
     * @throws NetworkException with the reference's message; then there is no such network
     */
    public NetworkDefinition create(NetworkRequest request) {
        return change("create network " + request.name(), () -> host.networks().alone(() -> {
            NetworkDefinition network = new NetworkCreation(registry.list(), host.pools(), host.links()::routedSubnets)
                    .define(request, NetworkId.random(), now());
            registry.add(network);
            Failpoint.NETWORK_RECORDED.reach();
            try {
                if (LiveNetworks.hasLinks(network)) {
                    host.networks().prepared(network.id());
                }
            } catch (RuntimeException failure) {
                Undo.after(failure, () -> host.networks().remove(network));
                Undo.after(failure, () -> registry.remove(network.id()));
                throw failure;
            }
            Failpoint.NETWORK_MADE.reach();
            return network;
        }));
    }

    /**
     * Removes a network without endpoints. Its device is gone when this returns, which takes 30 ms or more.
     *
     * @param reference     as {@link #resolve} takes it
     * @param containerName by id, for the message
     * @throws NetworkException not found; forbidden for a predefined one and for one with endpoints
     */
    public NetworkDefinition remove(String reference, UnaryOperator<String> containerName) {
        return change("remove network " + reference, () -> {
            NetworkDefinition network = registry.resolve(reference);
            checkRemovable(network, containerName);
            registry.remove(network.id());
            Failpoint.NETWORK_REMOVAL_RECORDED.reach();
            host.networks().remove(network);
            Failpoint.NETWORK_UNMADE.reach();
            return network;
        });
    }

    private void checkRemovable(NetworkDefinition network, UnaryOperator<String> containerName) {
        if (network.isPredefined()) {
            throw new NetworkException(NetworkException.Kind.FORBIDDEN, network.name() + " is a pre-defined network and cannot be removed");
        }
        String endpoints = host.networks().find(network.id()).map(live -> live.connected().entrySet().stream()
                .map(entry -> "name:\"" + containerName.apply(entry.getValue()) + "\" id:\"" + entry.getKey().hex().substring(0, 12) + "\"")
                .collect(Collectors.joining(", "))).orElse("");
        if (!endpoints.isEmpty()) {
            throw new NetworkException(NetworkException.Kind.FORBIDDEN, "error while removing network: network " + network.name()
                    + " has active endpoints (" + endpoints + ")");
        }
        if (registry.list().stream().anyMatch(other -> other.madeAfter().equals(Optional.of(network.name())) && network.template())) {
            throw new NetworkException(NetworkException.Kind.FORBIDDEN, "error while removing network: configuration network \""
                    + network.name() + "\" is in use");
        }
    }

    /**
     * Makes all networks' devices now if they are not there, and prepares namespaces; a daemon does it after it is ready, to
     * save the first container the time. Who connects meanwhile waits for one device at most. Twice is harmless.
     *
     * @return what could not be made, in words for the log
     */
    public List<String> prepare() {
        List<NetworkId> wanted = change("prepare the networks", () -> host.networks().wanted());
        prepareNamespaces();
        return wanted.stream().flatMap(network -> change("prepare a network", () -> host.networks().complaint(network)).stream()).toList();
    }

    /** Makes namespaces for the next containers in the background, which competes with those that connect now. */
    public void prepareNamespaces() {
        namespaces.refill();
    }

    /**
     * Connects a container that is about to start, and publishes its ports: they are redirected to it when this returns.
     *
     * @throws NetworkException as all methods here when the kernel refuses, and when a port or address is not to be had: then the
     *                          message is the reference's, without its {@code driver failed programming …} in front.
     *                          Nothing is left in either case
     */
    public Connection connect(SandboxRequest request) {
        List<NetworkDefinition> wanted = request.endpoints().stream().map(endpoint -> registry.get(endpoint.network())).toList();
        String purpose = "connect container " + request.containerName() + " to network "
                + wanted.stream().map(NetworkDefinition::name).collect(Collectors.joining(", "));
        if (wanted.stream().allMatch(network -> network.driver() == Driver.NONE || network.driver() == Driver.HOST)) {
            boolean ofTheHost = wanted.stream().anyMatch(network -> network.driver() == Driver.HOST);
            return attempt(purpose, () -> new Connection(unplaced(request), ofTheHost ? Optional.empty() : Optional.of(loopbackOnly())));
        }
        return change(purpose, () -> {
            wanted.forEach(host.networks()::requireLinks);
            Connection connection = host.connections().connect(request);
            if (isResolved(connection.sandbox())) {
                opened(connection);
            }
            return connection;
        });
    }

    private void opened(Connection connection) {
        try {
            resolver.opened(connection.sandbox(), connection.namespace().orElseThrow());
        } catch (RuntimeException failure) {
            Undo.after(failure, () -> host.connections().disconnect(connection.sandbox()));
            Undo.after(failure, connection::close);
            throw failure;
        }
    }

    /** Names are resolved on user-defined networks. */
    private boolean isResolved(Sandbox sandbox) {
        return sandbox.endpoints().stream().anyMatch(endpoint -> endpoint.place().isPresent()
                && registry.find(endpoint.network()).filter(network -> !network.isPredefined()).isPresent());
    }

    private static Sandbox unplaced(SandboxRequest request) {
        return new Sandbox(request.containerId(), request.endpoints().stream().map(endpoint -> new Endpoint(EndpointId.random(), endpoint.network(),
                endpoint.names(), Optional.empty())).toList(), List.of(), Optional.empty());
    }

    private Fd loopbackOnly() {
        NetworkNamespace namespace = namespaces.take();
        namespace.routes().close();
        return namespace.handle();
    }

    /**
     * Connects a running container to a further network: links, addresses and routes are there when this returns, and its
     * ports may lead to the new endpoint.
     *
     * @param namespace the container's; stays the caller's
     * @param bindings  the ports that the container wants published
     */
    public Sandbox join(Sandbox sandbox, Fd namespace, EndpointRequest request, List<PortBinding> bindings) {
        NetworkDefinition network = registry.get(request.network());
        return change("connect container " + sandbox.containerId() + " to network " + network.name(), () -> {
            host.networks().requireLinks(network);
            try (ContainerNamespace container = ContainerNamespace.enter(kernel, namespace)) {
                Sandbox joined = host.connections().join(sandbox, container, request, bindings);
                tell(sandbox, joined, namespace);
                return joined;
            }
        });
    }

    /**
     * Disconnects a running container from one of its networks; its ports may move to another endpoint.
     *
     * @param namespace the container's; stays the caller's
     * @param bindings  the ports that the container wants published
     */
    public Sandbox leave(Sandbox sandbox, Fd namespace, EndpointId endpoint, List<PortBinding> bindings) {
        Endpoint left = sandbox.endpoints().stream().filter(one -> one.id().equals(endpoint)).findFirst().orElseThrow(() ->
                new IllegalArgumentException("container " + sandbox.containerId() + " has no endpoint " + endpoint));
        return change("disconnect container " + sandbox.containerId() + " from network " + left.network(), () -> {
            try (ContainerNamespace container = ContainerNamespace.enter(kernel, namespace)) {
                Sandbox without = host.connections().leave(sandbox, container, left, bindings);
                tell(sandbox, without, namespace);
                return without;
            }
        });
    }

    private void tell(Sandbox before, Sandbox after, Fd namespace) {
        if (isResolved(after) && isResolved(before)) {
            resolver.changed(after);
        } else if (isResolved(after)) {
            resolver.opened(after, namespace);
        } else if (isResolved(before)) {
            resolver.closed(after.containerId());
        }
    }

    /** Others find a container that runs by other names from now on: those of the endpoints of this sandbox. */
    public void renamed(Sandbox sandbox) {
        change("rename container " + sandbox.containerId(), () -> {
            if (isResolved(sandbox)) {
                resolver.changed(sandbox);
            }
            return true;
        });
    }

    /**
     * Ends the connections of a container that has ended: its ports are free when this returns, its addresses are free for
     * the next. The links go with the namespace, when the last process in it has gone. Twice is harmless.
     */
    public void disconnect(Sandbox sandbox) {
        if (sandbox.endpoints().stream().noneMatch(endpoint -> endpoint.place().isPresent())) {
            return;
        }
        change("disconnect container " + sandbox.containerId(), () -> {
            host.connections().disconnect(sandbox);
            if (isResolved(sandbox)) {
                resolver.closed(sandbox.containerId());
            }
            return true;
        });
    }

    /**
     * Takes over what runs, after a start of the daemon and before the first {@link #connect}. The connections of live
     * containers are not interrupted; ports, links and devices of all others are removed.
     *
     * @param namespaces opens the namespace of a live container by its id, if it is there yet; it is closed here. Asked only when
     *                   a container has lost a link of which nobody knew, and its default route with it
     * @return what could not be had, in words for the log: a port whose place another process has taken meanwhile
     */
    public List<String> reconcile(Collection<Sandbox> live, Function<String, Optional<Fd>> namespaces) {
        List<Sandbox> sandboxes = List.copyOf(live);
        return change("take over the networks of running containers", () -> {
            List<String> complaints = new ArrayList<>(registry.damage());
            complaints.addAll(host.reconcile(sandboxes, namespaces));
            resolver.takeOver(sandboxes.stream().filter(this::isResolved).toList());
            return complaints;
        });
    }

    /** The same where no container can have lost its default route: none has ever joined a network while it ran. */
    public List<String> reconcile(Collection<Sandbox> live) {
        return reconcile(live, container -> Optional.empty());
    }

    /** Removes devices, links and rules from the host; for an instance without running containers. Takes 30 ms or more. */
    public void removeAll() {
        change("remove the networks' devices", () -> {
            host.removeAll();
            return true;
        });
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MICROS);
    }

    private <T> T change(String purpose, Supplier<T> work) {
        return attempt(purpose, () -> thread.call(work));
    }

    private static <T> T attempt(String purpose, Supplier<T> work) {
        try {
            return work.get();
        } catch (NetlinkException | SystemCallException refusal) {
            throw new NetworkException(NetworkException.Kind.UNAVAILABLE,
                    "cannot " + purpose + ": " + refusal.getMessage(), refusal);
        }
    }

    /** Lets go of sockets, descriptors and threads; the host keeps devices, links and rules. Twice is harmless. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            namespaces.close();
            thread.later("close the network's sockets", host::close);
            thread.close();
            registry.close();
        }
    }
}
