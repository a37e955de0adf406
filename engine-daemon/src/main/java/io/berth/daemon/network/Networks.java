package io.berth.daemon.network;

import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCallException;
import io.berth.linux.namespace.NetworkNamespace;
import io.berth.linux.namespace.NetworkNamespacePool;
import io.berth.linux.netlink.Conntrack;
import io.berth.linux.netlink.NetlinkException;
import io.berth.linux.netlink.NetlinkSocket;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * The networks of one instance and the containers' connections to them. Any thread may call; the work is done in turn by
 * one platform thread, and a connection takes about a millisecond.
 *
 * <p><b>Life.</b> Open it; give {@link #reconcile} the endpoints of the containers that run already; then
 * {@link #connect} and {@link #disconnect}. The bridge and its table are made with the first connection that needs them,
 * so they cost a start of the daemon nothing. {@link #close} leaves everything on the host as it is: that is how containers keep their
 * network over a restart. {@link #removeAll} takes it away, for a daemon that ends with no container running.
 *
 * <p><b>After a crash</b> no half-made thing stays: a namespace that no process entered goes with the daemon's
 * descriptors and takes its link along, and {@code reconcile} removes published ports that are no live endpoint's.
 */
public final class Networks implements AutoCloseable {

    /** Prepared namespaces hide the cost of making one from one start after another, not from a burst. */
    private static final int PREPARED_NAMESPACES = 2;
    private static final int MOST_NAME_COLLISIONS = 4;

    private final Kernel kernel;
    private final NetworkNames names;
    private final NetworkThread thread = new NetworkThread();
    private final NetworkNamespacePool namespaces;
    private final Set<EndpointId> connected = new HashSet<>();
    private HostPorts hostPorts;
    private NetlinkSocket routes;
    private NetlinkSocket netfilter;
    private HostBridge bridge;
    private PortTable table;
    /** Together from {@link #bridge()} on; like everything above they belong to the thread, but readers look at the device. */
    private volatile Optional<HostBridge.Device> device = Optional.empty();
    private AddressPool addresses;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Networks(Kernel kernel, NetworkNames names, int preparedNamespaces) {
        this.kernel = kernel;
        this.names = names;
        this.namespaces = new NetworkNamespacePool(kernel, preparedNamespaces);
    }

    /** Changes nothing on the host. The host is the network namespace of the calling thread. */
    public static Networks open(Kernel kernel, NetworkNames names) {
        return open(kernel, names, PREPARED_NAMESPACES);
    }

    static Networks open(Kernel kernel, NetworkNames names, int preparedNamespaces) {
        Networks networks = new Networks(kernel, names, preparedNamespaces);
        networks.thread.run(networks::openSockets);
        return networks;
    }

    private void openSockets() {
        hostPorts = new HostPorts(kernel);
        routes = NetlinkSocket.route(kernel);
        netfilter = NetlinkSocket.netfilter(kernel);
        bridge = new HostBridge(kernel, routes, names);
        table = new PortTable(netfilter, names.table());
    }

    /** The predefined networks; immediate. */
    public List<Network> list() {
        return List.of(network(NetworkKind.BRIDGE), network(NetworkKind.HOST), network(NetworkKind.NONE));
    }

    public Network network(NetworkKind kind) {
        return new Network(names.id(kind), kind,
                kind == NetworkKind.BRIDGE ? device.map(HostBridge.Device::range) : Optional.empty());
    }

    /** Makes the bridge and its table now, if they are not there; a daemon does it after it is ready, to save the first container the time. */
    public void prepare() {
        thread.run(() -> {
            bridge();
            namespaces.refill();
        });
    }

    /**
     * Connects a container that is about to start, and publishes its ports: they are redirected to it when this returns.
     *
     * @throws NetworkException when a port or address is not to be had (the message is the reference's, without its
     *                          {@code driver failed programming …} in front) or the kernel refuses; nothing is left then
     */
    public Connection connect(EndpointRequest request) {
        return thread.call(() -> explain(request.container(), () -> switch (request.network()) {
            case HOST -> new Connection(unplaced(NetworkKind.HOST), Optional.empty());
            case NONE -> new Connection(unplaced(NetworkKind.NONE), Optional.of(loopbackOnly()));
            case BRIDGE -> connectToBridge(request);
        }));
    }

    private Endpoint unplaced(NetworkKind kind) {
        return new Endpoint(EndpointId.random(), names.id(kind), Optional.empty(), List.of());
    }

    private Fd loopbackOnly() {
        NetworkNamespace namespace = namespaces.take();
        namespace.routes().close();
        thread.later("prepare a network namespace", namespaces::refill);
        return namespace.handle();
    }

    private Connection connectToBridge(EndpointRequest request) {
        HostBridge.Device device = bridge();
        Ipv4Address address = addresses.take();
        List<PublishedPort> ports = List.of();
        NetworkNamespace namespace = null;
        try {
            ports = hostPorts.take(request.ports(), address);
            namespace = namespaces.take();
            Endpoint.Place place = new Endpoint.Place(address, device.range().subnet().prefixLength(), device.range().gateway(),
                    request.mac().orElseGet(() -> MacAddress.of(address)));
            EndpointId id = attach(device, namespace, place);
            publish(address, ports);
            namespace.routes().close();
            connected.add(id);
            thread.later("prepare a network namespace", namespaces::refill);
            return new Connection(new Endpoint(id, names.id(NetworkKind.BRIDGE), Optional.of(place), ports), Optional.of(namespace.handle()));
        } catch (RuntimeException failure) {
            if (namespace != null) {
                namespace.close();
            }
            hostPorts.release(ports);
            addresses.giveBack(address);
            throw failure;
        }
    }

    private void publish(Ipv4Address address, List<PublishedPort> ports) {
        table.publish(address, ports);
        try {
            hostPorts.guard(ports, address);
        } catch (RuntimeException failure) {
            table.withdraw(address, ports);
            throw failure;
        }
        ports.stream().filter(Networks::keepsConnections).forEach(port -> thread.later("forget the connections to a port",
                () -> Conntrack.forgetConnectionsToPort(netfilter, port.protocol().number(), port.hostPort())));
    }

    /** The name of a link has room for a few digits of the id only; another id is drawn when they are taken. */
    private EndpointId attach(HostBridge.Device device, NetworkNamespace namespace, Endpoint.Place place) {
        for (int attempt = 1;; attempt++) {
            EndpointId id = EndpointId.random();
            try {
                bridge.attach(device, id, namespace, place);
                return id;
            } catch (NetlinkException failure) {
                if (failure.errno() != Errno.EEXIST || attempt == MOST_NAME_COLLISIONS) {
                    throw failure;
                }
            }
        }
    }

    /**
     * Ends a connection whose container has ended: its ports are free when this returns, its address is free again for the
     * next. The link goes with the namespace, when the last process in it has gone. Doing it twice is harmless.
     */
    public void disconnect(Endpoint endpoint) {
        thread.run(() -> endpoint.place().ifPresent(place -> {
            if (connected.remove(endpoint.id())) {
                withdraw(place.address(), endpoint.ports());
            }
        }));
    }

    private void withdraw(Ipv4Address address, List<PublishedPort> ports) {
        hostPorts.release(ports);
        addresses.giveBack(address);
        if (!ports.isEmpty()) {
            table.withdraw(address, ports);
        }
        if (ports.stream().anyMatch(Networks::keepsConnections)) {
            // whoever gets the address next comes after this
            thread.later("forget the connections of " + address, () -> Conntrack.forgetConnectionsTo(netfilter, address.bytes()));
        }
    }

    /** A tcp client notices that its peer is gone, and a new connection is a new entry; the others go on as they were sent. */
    private static boolean keepsConnections(PublishedPort port) {
        return port.protocol() != TransportProtocol.TCP;
    }

    /**
     * Takes over what runs, after a start of the daemon and before the first {@link #connect}. The connections of live
     * containers are not interrupted; ports and links of all others are removed.
     *
     * @return what could not be had, in words for the log: a port whose place another process has taken meanwhile
     */
    public List<String> reconcile(Collection<Endpoint> live) {
        return thread.call(() -> {
            List<Endpoint> placed = live.stream().filter(endpoint -> endpoint.place().isPresent()).toList();
            if (placed.isEmpty() && !bridge.exists()) {
                table.delete();
                return List.of();
            }
            HostBridge.Device device = bridge();
            List<String> complaints = new ArrayList<>();
            placed.forEach(endpoint -> takeOver(endpoint, complaints));
            Map<Ipv4Address, List<PublishedPort>> ports = new HashMap<>();
            placed.forEach(endpoint -> ports.put(endpoint.place().orElseThrow().address(), endpoint.ports()));
            table.publishOnly(ports);
            bridge.orphans(device, connected).forEach(
                    index -> thread.later("remove an orphaned link", () -> bridge.deleteLink(index)));
            return complaints;
        });
    }

    private void takeOver(Endpoint endpoint, List<String> complaints) {
        Endpoint.Place place = endpoint.place().orElseThrow();
        connected.add(endpoint.id());
        if (!addresses.occupy(place.address())) {
            complaints.add("address " + place.address() + " of a running container is not free in "
                    + device.orElseThrow().range().subnet());
        }
        for (PublishedPort port : endpoint.ports()) {
            if (!hostPorts.takeAgain(port, place.address())) {
                complaints.add("port " + port.hostPort() + "/" + port.protocol() + " is published, but another process of the host"
                        + " has bound it while the daemon was away: packets go to the container");
            }
        }
    }

    private HostBridge.Device bridge() {
        if (device.isEmpty()) {
            HostBridge.Device made = bridge.prepare();
            table.create(names.bridge(), made.range().subnet());
            addresses = new AddressPool(made.range().subnet(), made.range().gateway());
            device = Optional.of(made);
        }
        return device.orElseThrow();
    }

    /** Removes bridge, links and table from the host; for an instance without running containers. Takes some 30 ms. */
    public void removeAll() {
        thread.run(() -> {
            hostPorts.close();
            table.delete();
            bridge.delete();
            connected.clear();
            device = Optional.empty();
        });
    }

    /** Lets go of sockets, descriptors and threads; the host keeps bridge, links and table. Twice is harmless. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        namespaces.close();
        thread.later("close the network's sockets", () -> {
            hostPorts.close();
            routes.close();
            netfilter.close();
        });
        thread.close();
    }

    private static <T> T explain(String container, Supplier<T> work) {
        try {
            return work.get();
        } catch (NetlinkException | SystemCallException refusal) {
            throw new NetworkException(NetworkException.Kind.UNAVAILABLE,
                    "cannot connect container " + container + " to its network: " + refusal.getMessage(), refusal);
        }
    }
}
