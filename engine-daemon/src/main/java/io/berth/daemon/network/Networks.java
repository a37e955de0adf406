package io.berth.daemon.network;

import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCallException;
import io.berth.linux.namespace.NetworkNamespace;
import io.berth.linux.namespace.NetworkNamespacePool;
import io.berth.linux.netlink.NetlinkException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * The networks of one instance and the containers' connections to them. Any platform thread may call; the work on the bridge
 * is done in turn by one thread, and a connection takes about a millisecond.
 *
 * <p><b>Life.</b> Open it; give {@link #reconcile} the endpoints of the containers that run already; then
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

    /** The predefined networks; immediate. */
    public List<Network> list() {
        return List.of(network(NetworkKind.BRIDGE), network(NetworkKind.HOST), network(NetworkKind.NONE));
    }

    /** One of them; immediate. */
    public Network network(NetworkKind kind) {
        return new Network(names.id(kind), kind, kind == NetworkKind.BRIDGE ? bridge.range() : Optional.empty());
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
    public Connection connect(EndpointRequest request) {
        return attempt(purpose(request), () -> switch (request.network()) {
            case HOST -> new Connection(unplaced(NetworkKind.HOST), Optional.empty());
            case NONE -> new Connection(unplaced(NetworkKind.NONE), Optional.of(loopbackOnly()));
            case BRIDGE -> thread.call(() -> bridge.connect(request));
        });
    }

    private static String purpose(EndpointRequest request) {
        return "connect container " + request.container() + " to network " + request.network();
    }

    /** Makes namespaces for the next containers in the background, which competes with those that connect now. */
    public void prepareNamespaces() {
        namespaces.refill();
    }

    private Endpoint unplaced(NetworkKind kind) {
        return new Endpoint(EndpointId.random(), names.id(kind), Optional.empty(), List.of());
    }

    private Fd loopbackOnly() {
        NetworkNamespace namespace = namespaces.take();
        namespace.routes().close();
        return namespace.handle();
    }

    /**
     * Ends a connection whose container has ended: its ports are free when this returns, its address is free for the next.
     * The link goes with the namespace, when the last process in it has gone. Twice is harmless.
     */
    public void disconnect(Endpoint endpoint) {
        if (endpoint.place().isEmpty()) {
            return;
        }
        change("disconnect endpoint " + endpoint.id(), () -> {
            bridge.disconnect(endpoint);
            return true;
        });
    }

    /**
     * Takes over what runs, after a start of the daemon and before the first {@link #connect}. The connections of live
     * containers are not interrupted; ports and links of all others are removed.
     *
     * @return what could not be had, in words for the log: a port whose place another process has taken meanwhile
     */
    public List<String> reconcile(Collection<Endpoint> live) {
        List<Endpoint> endpoints = List.copyOf(live);
        return change("take over the network of running containers", () -> bridge.reconcile(endpoints));
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
