package io.berth.daemon.network;

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
final class BridgeNetwork implements AutoCloseable {

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

    BridgeNetwork(Kernel kernel, NetworkNames names, NetworkNamespacePool namespaces, NetworkThread thread) {
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
    Optional<Network.AddressRange> range() {
        return made.map(there -> there.device().range());
    }

    /** Finds the bridge and its table or makes them. */
    void prepare() {
        made();
    }

    private Made made() {
        if (made.isEmpty()) {
            HostBridge.Device device = bridge.prepare();
            Network.AddressRange range = device.range();
            table.create(names.bridge(), range.subnet());
            made = Optional.of(new Made(device, new AddressPool(range.subnet(), range.gateway())));
        }
        return made.orElseThrow();
    }

    Connection connect(EndpointRequest request) {
        Made there = made();
        Ipv4Address address = there.addresses().take();
        List<PublishedPort> ports = List.of();
        try {
            ports = hostPorts.take(request.ports(), address);
            return connect(there.device(), place(there.device().range(), address, request.mac()), ports);
        } catch (RuntimeException failure) {
            hostPorts.release(ports);
            there.addresses().giveBack(address);
            throw failure;
        }
    }

    private static Endpoint.Place place(Network.AddressRange range, Ipv4Address address, Optional<MacAddress> mac) {
        return new Endpoint.Place(address, range.subnet().prefixLength(), range.gateway(),
                mac.orElseGet(() -> MacAddress.of(address)));
    }

    private Connection connect(HostBridge.Device device, Endpoint.Place place, List<PublishedPort> ports) {
        NetworkNamespace namespace = namespaces.take();
        try {
            EndpointId id = attach(device, namespace, place);
            publish(place.address(), ports);
            connected.add(id);
            namespace.routes().close();
            return new Connection(new Endpoint(id, names.id(NetworkKind.BRIDGE), Optional.of(place), ports),
                    Optional.of(namespace.handle()));
        } catch (RuntimeException failure) {
            // and the kernel takes the link away with it
            namespace.close();
            throw failure;
        }
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

    private void publish(Ipv4Address address, List<PublishedPort> ports) {
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

    void disconnect(Endpoint endpoint) {
        endpoint.place().ifPresent(place -> {
            if (connected.remove(endpoint.id())) {
                withdraw(place.address(), endpoint.ports());
            }
        });
    }

    private void withdraw(Ipv4Address address, List<PublishedPort> ports) {
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

    List<String> reconcile(Collection<Endpoint> live) {
        List<Endpoint> placed = live.stream().filter(endpoint -> endpoint.place().isPresent()).toList();
        if (placed.isEmpty() && !bridge.exists()) {
            table.delete();
            return List.of();
        }
        Made there = made();
        List<String> complaints = new ArrayList<>();
        Map<Ipv4Address, List<PublishedPort>> ports = new HashMap<>();
        for (Endpoint endpoint : placed) {
            takeOver(there, endpoint, complaints);
            ports.put(endpoint.place().orElseThrow().address(), endpoint.ports());
        }
        table.publishOnly(ports);
        bridge.orphans(there.device(), connected).forEach(
                link -> thread.later("remove an orphaned link", () -> bridge.deleteLink(link)));
        return complaints;
    }

    private void takeOver(Made there, Endpoint endpoint, List<String> complaints) {
        Ipv4Address address = endpoint.place().orElseThrow().address();
        connected.add(endpoint.id());
        if (!there.addresses().occupy(address)) {
            complaints.add("address " + address + " of a running container is not free in " + there.device().range().subnet());
        }
        for (PublishedPort port : endpoint.ports()) {
            if (!hostPorts.takeAgain(port, address)) {
                complaints.add("port " + port.hostPort() + "/" + port.protocol() + " is published, but another process of the host"
                        + " has bound it while the daemon was away: packets go to the container");
            }
        }
    }

    void removeAll() {
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
