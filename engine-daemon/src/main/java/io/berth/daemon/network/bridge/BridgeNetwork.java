package io.berth.daemon.network.bridge;

import io.berth.daemon.network.address.AddressPool;
import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.address.MacAddress;
import io.berth.daemon.network.definition.AddressRange;
import io.berth.daemon.network.definition.EndpointId;
import io.berth.daemon.network.definition.NetworkKind;
import io.berth.daemon.network.definition.NetworkNames;
import io.berth.daemon.network.firewall.BridgeRules;
import io.berth.daemon.network.firewall.GatewayMode;
import io.berth.daemon.network.firewall.RuleTable;
import io.berth.daemon.network.firewall.RuleWatch;
import io.berth.daemon.network.port.PortTarget;
import io.berth.daemon.network.port.PublishedPort;
import io.berth.daemon.network.port.PublishedPorts;
import io.berth.daemon.network.sandbox.Connection;
import io.berth.daemon.network.sandbox.Endpoint;
import io.berth.daemon.network.sandbox.EndpointRequest;
import io.berth.daemon.network.sandbox.Place;
import io.berth.daemon.network.sandbox.Sandbox;
import io.berth.daemon.network.sandbox.SandboxRequest;
import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.namespace.NetworkNamespace;
import io.berth.linux.namespace.NetworkNamespacePool;
import io.berth.linux.netlink.NetlinkException;
import io.berth.linux.netlink.NetlinkSocket;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The predefined network {@code bridge}: its device, its table, who has which address and port. Made and used on the
 * {@link NetworkThread} alone, except for {@link #range}.
 */
public final class BridgeNetwork implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BridgeNetwork.class);
    private static final int MOST_NAME_COLLISIONS = 4;

    /** The bridge on the host, once it is there, and the addresses of its subnet. */
    private record Made(HostBridge.Device device, AddressPool addresses) {
    }

    private final NetworkNames names;
    private final NetworkNamespacePool namespaces;
    private final NetworkThread thread;
    private final NetlinkSocket routes;
    private final NetlinkSocket netfilter;
    private final HostBridge bridge;
    private final RuleTable table;
    private final EventLoop events;
    private final RuleWatch watch;
    private final PublishedPorts published;
    private final Set<EndpointId> connected = new HashSet<>();
    /** Volatile for the readers of {@link #range}. */
    private volatile Optional<Made> made = Optional.empty();

    public BridgeNetwork(Kernel kernel, NetworkNames names, NetworkNamespacePool namespaces, NetworkThread thread) {
        this.names = names;
        this.namespaces = namespaces;
        this.thread = thread;
        routes = NetlinkSocket.route(kernel);
        netfilter = NetlinkSocket.netfilter(kernel);
        bridge = new HostBridge(kernel, routes, names);
        table = new RuleTable(netfilter, names.table());
        events = new EventLoop(kernel, (loop, failure) -> LOG.warn("cannot go on with a relay or the watch over the rules", failure));
        watch = new RuleWatch(kernel, table, events, () -> thread.later("restore the rules", this::restore));
        published = new PublishedPorts(kernel, table, netfilter, events, thread::later);
        Thread.ofPlatform().name("berth-network-events").daemon().start(events);
    }

    private void restore() {
        if (table.restore()) {
            LOG.warn("something else on this host removed rules of table {}; they are back", names.table());
        }
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
            table.open(rules(range));
            made = Optional.of(made(device));
        }
        return made.orElseThrow();
    }

    private static Made made(HostBridge.Device device) {
        AddressPool addresses = new AddressPool(device.range().subnet(), Optional.empty());
        addresses.take(device.range().gateway().orElseThrow());
        return new Made(device, addresses);
    }

    private BridgeRules rules(AddressRange range) {
        return new BridgeRules(names.bridge(), Optional.of(BridgeRules.Family.of(range.subnet())), Optional.empty(), false, true, List.of());
    }

    /** Connects a container to this network alone. */
    public Connection connect(SandboxRequest request) {
        EndpointRequest wanted = request.endpoints().getFirst();
        Made there = made();
        IpAddress address = there.addresses().take();
        List<PublishedPort> ports = List.of();
        try {
            ports = published.publish(request.ports(), target(address));
            return connect(there.device(), request, place(there.device().range(), address, wanted.mac()), ports);
        } catch (RuntimeException failure) {
            published.withdraw(ports, target(address));
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

    private static PortTarget target(IpAddress address) {
        return new PortTarget(Optional.of(new PortTarget.Destination(address, GatewayMode.NAT)), Optional.empty());
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
        published.withdraw(ports, target(address));
        made().addresses().giveBack(address);
    }

    public List<String> reconcile(Collection<Sandbox> live) {
        List<Sandbox> placed = live.stream().filter(sandbox -> sandbox.address(IpFamily.V4).isPresent()).toList();
        if (placed.isEmpty() && !bridge.exists()) {
            table.remove();
            return List.of();
        }
        HostBridge.Device device = bridge.prepare();
        table.openOnly(List.of(rules(device.range())));
        made = Optional.of(made(device));
        Made there = made();
        List<String> complaints = new ArrayList<>();
        Map<PortTarget, List<PublishedPort>> ports = new LinkedHashMap<>();
        for (Sandbox sandbox : placed) {
            takeOver(there, sandbox, complaints);
            ports.put(target(sandbox.address(IpFamily.V4).orElseThrow()), sandbox.ports());
        }
        complaints.addAll(published.takeOver(ports));
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
    }

    public void removeAll() {
        published.close();
        table.remove();
        bridge.delete();
        connected.clear();
        made = Optional.empty();
    }

    /** The host keeps bridge, links and table. */
    @Override
    public void close() {
        published.close();
        watch.close();
        events.stop();
        routes.close();
        netfilter.close();
    }
}
