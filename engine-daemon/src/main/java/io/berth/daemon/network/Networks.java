package io.berth.daemon.network;

import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.bridge.BridgeNetwork;
import io.berth.daemon.network.bridge.NetworkThread;
import io.berth.daemon.network.definition.EndpointId;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.definition.NetworkId;
import io.berth.daemon.network.definition.NetworkKind;
import io.berth.daemon.network.definition.NetworkNames;
import io.berth.daemon.network.definition.NetworkRequest;
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
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * The networks of one instance and the containers' connections to them. Any platform thread may call; the work on the bridge
 * is done in turn by one thread, and a connection takes about a millisecond.
 *
 * <p><b>Life.</b> Open it; give {@link #reconcile} the sandboxes of the containers that run already; then
 * {@link #connect} and {@link #disconnect}. The bridge and its table are made with the first connection that needs them,
 * so they cost the daemon's start nothing. {@link #close} leaves everything on the host as it is: that is how containers
 * keep their network over a restart. {@link #removeAll} takes it away, for a daemon that ends with no container running.
 *
 * <p><b>After a crash</b> no half-made thing stays: a namespace that no process entered goes with the daemon's
 * descriptors and takes its link along, and {@code reconcile} removes published ports that are no live endpoint's.
 */
public final class Networks implements AutoCloseable {

    /** Prepared namespaces hide the cost of making one from one start after another, not from a burst. */
    private static final int PREPARED_NAMESPACES = 2;

    private final NetworkNames names;
    private final Instant opened = Instant.now();
    private final NetworkNamespacePool namespaces;
    private final NetworkThread thread = new NetworkThread();
    private final BridgeNetwork bridge;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Networks(Kernel kernel, NetworkNames names) {
        this.names = names;
        this.namespaces = new NetworkNamespacePool(kernel, PREPARED_NAMESPACES);
        // its sockets belong to the namespace of the thread that opens them
        this.bridge = thread.call(() -> new BridgeNetwork(kernel, names, namespaces, thread));
    }

    /** Changes nothing on the host. The host is the network namespace of the calling thread. */
    public static Networks open(Kernel kernel, NetworkNames names) {
        return new Networks(kernel, names);
    }

    /** All networks, the predefined ones among them, in the order of their names; immediate. */
    public List<NetworkDefinition> list() {
        return List.of(predefined(NetworkKind.BRIDGE), predefined(NetworkKind.HOST), predefined(NetworkKind.NONE));
    }

    /** One of those that are always there; immediate. The ranges of the bridge are known once it has been made. */
    public NetworkDefinition predefined(NetworkKind kind) {
        boolean placed = kind == NetworkKind.BRIDGE;
        return new NetworkDefinition(names.id(kind), kind.toString(), kind.driver(), opened, true, false, false, false,
                false, Optional.empty(), placed ? bridge.range().stream().toList() : List.of(), Optional.empty(), Map.of(), Map.of());
    }

    /** The network with this id, if there is one; immediate. */
    public Optional<NetworkDefinition> find(NetworkId id) {
        return list().stream().filter(network -> network.id().equals(id)).findFirst();
    }

    /**
     * The network that a client means by its id, its name or the beginning of its id, in this order; immediate.
     *
     * @throws NetworkException not found; or invalid, when the beginning fits several
     */
    public NetworkDefinition resolve(String reference) {
        List<NetworkDefinition> all = list();
        return all.stream().filter(network -> network.id().hex().equals(reference)).findFirst()
                .or(() -> all.stream().filter(network -> network.name().equals(reference)).findFirst())
                .or(() -> byPrefix(all, reference))
                .orElseThrow(() -> new NetworkException(NetworkException.Kind.NOT_FOUND, "network " + reference + " not found"));
    }

    private static Optional<NetworkDefinition> byPrefix(List<NetworkDefinition> all, String prefix) {
        List<NetworkDefinition> fitting = all.stream().filter(network -> !prefix.isEmpty() && network.id().hex().startsWith(prefix)).toList();
        if (fitting.size() > 1) {
            throw new NetworkException(NetworkException.Kind.INVALID, "network " + prefix + " is ambiguous (" + fitting.size()
                    + " matches found on ID prefix)");
        }
        return fitting.stream().findFirst();
    }

    /**
     * Makes a network: written down first, then on the host.
     *
     * @throws NetworkException with the reference's message: invalid; conflict for a name that is taken; forbidden for what
     *     overlaps with another network
     */
    public NetworkDefinition create(NetworkRequest request) {
        throw new NetworkException(NetworkException.Kind.UNAVAILABLE, "cannot create network " + request.name());
    }

    /**
     * Removes a network without endpoints.
     *
     * @param reference as {@link #resolve} takes it
     * @throws NetworkException not found; forbidden for a predefined one and for one with endpoints
     */
    public NetworkDefinition remove(String reference) {
        throw new NetworkException(NetworkException.Kind.UNAVAILABLE, "cannot remove network " + resolve(reference).name());
    }

    /**
     * Connects a running container to a further network: links, addresses and routes are there when this returns, and its
     * ports may lead to the new endpoint.
     *
     * @param namespace the container's; stays the caller's
     * @return the sandbox with the new endpoint at its place
     */
    public Sandbox join(Sandbox sandbox, Fd namespace, EndpointRequest request) {
        throw new NetworkException(NetworkException.Kind.UNAVAILABLE, "cannot connect container " + sandbox.containerId()
                + " to network " + request.network());
    }

    /**
     * Disconnects a running container from one of its networks; its ports may move to another endpoint.
     *
     * @param namespace the container's; stays the caller's
     * @return the sandbox without the endpoint
     */
    public Sandbox leave(Sandbox sandbox, Fd namespace, EndpointId endpoint) {
        throw new NetworkException(NetworkException.Kind.UNAVAILABLE, "cannot disconnect endpoint " + endpoint);
    }

    /**
     * Makes the bridge and its table now if they are not there, and prepares namespaces; a daemon does it after it is
     * ready, to save the first container the time. Twice is harmless.
     */
    public void prepare() {
        change("prepare the bridge network", () -> {
            bridge.prepare();
            return true;
        });
        prepareNamespaces();
    }

    /**
     * Connects a container that is about to start, and publishes its ports: they are redirected to it when this returns.
     *
     * @throws NetworkException as all methods here when the kernel refuses, and when a port or address is not to be had: then the
     *                          message is the reference's, without its {@code driver failed programming …} in front.
     *                          Nothing is left in either case
     */
    public Connection connect(SandboxRequest request) {
        NetworkDefinition network = find(request.endpoints().getFirst().network()).orElseThrow(() -> new NetworkException(
                NetworkException.Kind.NOT_FOUND, "network " + request.endpoints().getFirst().network() + " not found"));
        return attempt("connect container " + request.containerName() + " to network " + network.name(), () -> switch (network.driver()) {
            case HOST -> new Connection(unplaced(request, network), Optional.empty());
            case NONE -> new Connection(unplaced(request, network), Optional.of(loopbackOnly()));
            case BRIDGE -> thread.call(() -> bridge.connect(request));
            case MACVLAN, IPVLAN -> throw new NetworkException(NetworkException.Kind.UNAVAILABLE, "no such driver: " + network.driver());
        });
    }

    /** Makes namespaces for the next containers in the background, which competes with those that connect now. */
    public void prepareNamespaces() {
        namespaces.refill();
    }

    private static Sandbox unplaced(SandboxRequest request, NetworkDefinition network) {
        Endpoint endpoint = new Endpoint(EndpointId.random(), network.id(), request.endpoints().getFirst().names(), Optional.empty());
        return new Sandbox(request.containerId(), List.of(endpoint), List.of(), Optional.empty());
    }

    private Fd loopbackOnly() {
        NetworkNamespace namespace = namespaces.take();
        namespace.routes().close();
        return namespace.handle();
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
            bridge.disconnect(sandbox);
            return true;
        });
    }

    /**
     * Takes over what runs, after a start of the daemon and before the first {@link #connect}. The connections of live
     * containers are not interrupted; ports and links of all others are removed.
     *
     * @return what could not be had, in words for the log: a port whose place another process has taken meanwhile
     */
    public List<String> reconcile(Collection<Sandbox> live) {
        List<Sandbox> sandboxes = List.copyOf(live);
        return change("take over the network of running containers", () -> bridge.reconcile(sandboxes));
    }

    /** Removes bridge, links and table from the host; for an instance without running containers. Takes 30 ms or more. */
    public void removeAll() {
        change("remove the bridge network", () -> {
            bridge.removeAll();
            return true;
        });
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

    /** Lets go of sockets, descriptors and threads; the host keeps bridge, links and table. Twice is harmless. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            namespaces.close();
            thread.later("close the network's sockets", bridge::close);
            thread.close();
        }
    }
}
