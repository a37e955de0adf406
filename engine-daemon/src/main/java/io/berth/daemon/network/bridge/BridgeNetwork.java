package io.berth.daemon.network.bridge;

import io.berth.daemon.network.address.AddressPool;
import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.address.MacAddress;
import io.berth.daemon.network.definition.AddressRange;
import io.berth.daemon.network.definition.EndpointId;
import io.berth.daemon.network.definition.NetworkKind;
import io.berth.daemon.network.definition.NetworkNames;
import io.berth.daemon.network.firewall.PortTable;
import io.berth.daemon.network.port.HostPorts;
import io.berth.daemon.network.port.PublishedPort;
import io.berth.daemon.network.port.TransportProtocol;
import io.berth.daemon.network.sandbox.Connection;
import io.berth.daemon.network.sandbox.Endpoint;
import io.berth.daemon.network.sandbox.EndpointRequest;
import io.berth.daemon.network.sandbox.Place;
import io.berth.daemon.network.sandbox.Sandbox;
import io.berth.daemon.network.sandbox.SandboxRequest;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Kernel;
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

/**
 * The predefined network {@code bridge}: its device, its table, who has which address and port. Made and used on the
 * {@link NetworkThread} alone, except for {@link #range}.
 */
public final class BridgeNetwork implements AutoCloseable {

    private static final int MOST_NAME_COLLISIONS = 4;

    /** The bridge on the host, once it is there, and the addresses of its subnet. */
    private record Made(HostBridge.Device device, AddressPool addresses) {
    }

    private final NetworkNames names;
    private final NetworkNamespacePool namespaces;
    private final NetworkThread thread;
    private final HostPorts hostPorts;
    private final NetlinkSocket routes;
    private final NetlinkSocket netfilter;
    private final HostBridge bridge;
    private final PortTable table;
    private final Set<EndpointId> connected = new HashSet<>();
    /** Volatile for the readers of {@link #range}. */
    private volatile Optional<Made> made = Optional.empty();

    public BridgeNetwork(Kernel kernel, NetworkNames names, NetworkNamespacePool namespaces, NetworkThread thread) {
        this.names = names;
        this.namespaces = namespaces;
        this.thread = thread;
        hostPorts = new HostPorts(kernel);
        routes = NetlinkSocket.route(kernel);
        netfilter = NetlinkSocket.netfilter(kernel);
        bridge = new HostBridge(kernel, routes, names);
        table = new PortTable(netfilter, names.table());
    }

    /** Any thread may ask. */
    public Optional<AddressRange> range() {
        return made.map(there -> there.device().range());
    }

    /** Finds the bridge and its table or makes them. */
    public void prepare() {
        made();
    }

    private Made made() {
        if (made.isEmpty()) {
            HostBridge.Device device = bridge.prepare();
            AddressRange range = device.range();
            table.create(names.bridge(), range.subnet());
            AddressPool addresses = new AddressPool(range.subnet(), Optional.empty());
            addresses.take(range.gateway().orElseThrow());
            made = Optional.of(new Made(device, addresses));
        }
        return made.orElseThrow();
    }

    /** Connects a container to this network alone. */
    public Connection connect(SandboxRequest request) {
        EndpointRequest wanted = request.endpoints().getFirst();
        Made there = made();
        IpAddress address = there.addresses().take();
        List<PublishedPort> ports = List.of();
        try {
            ports = hostPorts.take(request.ports(), address);
            return connect(there.device(), request, place(there.device().range(), address, wanted.mac()), ports);
        } catch (RuntimeException failure) {
            hostPorts.release(ports);
            there.addresses().giveBack(address);
            throw failure;
        }
    }

    private static Place place(AddressRange range, IpAddress address, Optional<MacAddress> mac) {
        return new Place(HostBridge.CONTAINER_LINK, mac.orElseGet(() -> MacAddress.of(address)),
                Optional.of(new Place.Assigned(address, range.subnet().prefixLength(), range.gateway())), Optional.empty(), List.of(), 0);
    }

    private Connection connect(HostBridge.Device device, SandboxRequest request, Place place, List<PublishedPort> ports) {
        NetworkNamespace namespace = namespaces.take();
        try {
            EndpointId id = attach(device, namespace, place);
            publish(address(place), ports);
            connected.add(id);
            namespace.routes().close();
            Endpoint endpoint = new Endpoint(id, names.id(NetworkKind.BRIDGE), request.endpoints().getFirst().names(), Optional.of(place));
            return new Connection(new Sandbox(request.containerId(), List.of(endpoint), ports, request.names()), Optional.of(namespace.handle()));
        } catch (RuntimeException failure) {
            // and the kernel takes the link away with it
            namespace.close();
            throw failure;
        }
    }

    /** The name of a link has room for a few digits of the id only; another id is drawn when they are taken. */
    private EndpointId attach(HostBridge.Device device, NetworkNamespace namespace, Place place) {
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

    private void publish(IpAddress address, List<PublishedPort> ports) {
        table.publish(address, ports);
        try {
            hostPorts.guard(ports, address);
        } catch (RuntimeException failure) {
            table.withdraw(address, ports);
            throw failure;
        }
        ports.stream().filter(BridgeNetwork::keepsConnections).forEach(port -> thread.later("forget the connections to a port",
                () -> Conntrack.forgetConnectionsToPort(netfilter, port.protocol().number(), port.hostPort())));
    }

    public void disconnect(Sandbox sandbox) {
        for (Endpoint endpoint : sandbox.endpoints()) {
            endpoint.place().ifPresent(place -> {
                if (connected.remove(endpoint.id())) {
                    withdraw(address(place), sandbox.ports());
                }
            });
        }
    }

    private static IpAddress address(Place place) {
        return place.ipv4().orElseThrow().address();
    }

    private void withdraw(IpAddress address, List<PublishedPort> ports) {
        hostPorts.release(ports);
        made().addresses().giveBack(address);
        if (!ports.isEmpty()) {
            table.withdraw(address, ports);
        }
        if (ports.stream().anyMatch(BridgeNetwork::keepsConnections)) {
            // whoever gets the address next comes after this
            thread.later("forget the connections of " + address, () -> Conntrack.forgetConnectionsTo(netfilter, address.bytes()));
        }
    }

    /** A tcp client notices that its peer is gone, and a new connection is a new entry; the others go on as they were sent. */
    private static boolean keepsConnections(PublishedPort port) {
        return port.protocol() != TransportProtocol.TCP;
    }

    public List<String> reconcile(Collection<Sandbox> live) {
        List<Sandbox> placed = live.stream().filter(sandbox -> sandbox.address(IpFamily.V4).isPresent()).toList();
        if (placed.isEmpty() && !bridge.exists()) {
            table.delete();
            return List.of();
        }
        Made there = made();
        List<String> complaints = new ArrayList<>();
        Map<IpAddress, List<PublishedPort>> ports = new HashMap<>();
        for (Sandbox sandbox : placed) {
            takeOver(there, sandbox, complaints);
            ports.put(sandbox.address(IpFamily.V4).orElseThrow(), sandbox.ports());
        }
        table.publishOnly(ports);
        bridge.orphans(there.device(), connected).forEach(
                link -> thread.later("remove an orphaned link", () -> bridge.deleteLink(link)));
        return complaints;
    }

    private void takeOver(Made there, Sandbox sandbox, List<String> complaints) {
        IpAddress address = sandbox.address(IpFamily.V4).orElseThrow();
        sandbox.endpoints().forEach(endpoint -> connected.add(endpoint.id()));
        if (!there.addresses().take(address)) {
            complaints.add("address " + address + " of a running container is not free in " + there.device().range().subnet());
        }
        for (PublishedPort port : sandbox.ports()) {
            if (!hostPorts.takeAgain(port, address)) {
                complaints.add("port " + port.hostPort() + "/" + port.protocol() + " is published, but another process of the host"
                        + " has bound it while the daemon was away: packets go to the container");
            }
        }
    }

    public void removeAll() {
        hostPorts.close();
        table.delete();
        bridge.delete();
        connected.clear();
        made = Optional.empty();
    }

    /** The host keeps bridge, links and table. */
    @Override
    public void close() {
        hostPorts.close();
        routes.close();
        netfilter.close();
    }
}
