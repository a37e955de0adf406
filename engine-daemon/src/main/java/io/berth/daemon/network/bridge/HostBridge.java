package io.berth.daemon.network.bridge;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.address.MacAddress;
import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.address.Subnet;
import io.berth.daemon.network.address.SubnetPools;
import io.berth.daemon.network.definition.AddressRange;
import io.berth.daemon.network.definition.EndpointId;
import io.berth.daemon.network.definition.NetworkNames;
import io.berth.daemon.network.sandbox.Place;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.namespace.NetworkNamespace;
import io.berth.linux.netlink.NetlinkException;
import io.berth.linux.netlink.NetlinkSocket;
import io.berth.linux.netlink.RouteBatch;
import io.berth.linux.netlink.RouteReader;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The instance's bridge device with its subnet, and the links that hang on it. One thread at a time. */
final class HostBridge {

    private static final int MTU = 1500;
    /** sys/file.h */
    private static final int LOCK_EX = 2;
    static final String CONTAINER_LINK = "eth0";

    private final Kernel kernel;
    private final NetlinkSocket routes;
    private final RouteReader reader;
    private final NetworkNames names;

    HostBridge(Kernel kernel, NetlinkSocket routes, NetworkNames names) {
        this.kernel = kernel;
        this.routes = routes;
        this.reader = new RouteReader(routes);
        this.names = names;
    }

    /** A bridge that is up. */
    record Device(int index, AddressRange range) {
    }

    boolean exists() {
        return reader.link(names.bridge()).isPresent();
    }

    /** Finds the bridge with its address, or makes it on the first of the pools' subnets that no route of the host overlaps. */
    Device prepare() {
        Optional<Device> found = find();
        if (found.isEmpty()) {
            // one without an address is the half-made work of a daemon that was killed
            delete();
        }
        Device device = found.orElseGet(this::create);
        FileCalls files = new FileCalls(kernel);
        files.write("/proc/sys/net/ipv4/conf/" + names.bridge() + "/route_localnet", "1");
        files.write("/proc/sys/net/ipv4/ip_forward", "1");
        return device;
    }

    private Optional<Device> find() {
        return reader.link(names.bridge()).flatMap(link -> reader.addresses().stream()
                .filter(address -> address.link() == link.index()).findFirst()
                .map(address -> device(link.index(), IpAddress.of(address.address()), address.prefixLength())));
    }

    /**
     * Instances that start at once would choose the same subnet, so they do it one after the other. What they share is this
     * network namespace, and a lock on it is the kernel's to release should its holder die.
     */
    private Device create() {
        try (Fd namespace = NetworkNamespace.current(kernel)) {
            kernel.retry(SystemCall.FLOCK, namespace, Argument.of(LOCK_EX));
            // the default route overlaps with everything and counts for nothing
            List<Subnet> taken = reader.routes().stream().filter(route -> route.prefixLength() > 0).map(HostBridge::subnet).toList();
            Subnet subnet = SubnetPools.of(List.of(), "").firstFree(IpFamily.V4, taken);
            IpAddress gateway = subnet.network().plus(1);
            new RouteBatch().createBridge(names.bridge(), MacAddress.of(gateway).bytes(), MTU).send(routes);
            int index = reader.link(names.bridge()).orElseThrow().index();
            new RouteBatch().addAddress(index, gateway.bytes(), subnet.prefixLength()).send(routes);
            return device(index, gateway, subnet.prefixLength());
        }
    }

    private static Subnet subnet(RouteReader.Route route) {
        return Subnet.around(IpAddress.of(route.destination()), route.prefixLength());
    }

    private static Device device(int index, IpAddress gateway, int prefixLength) {
        return new Device(index, AddressRange.of(Subnet.around(gateway, prefixLength), gateway));
    }

    /** Links a container's namespace with the bridge and configures the container's end. */
    void attach(Device device, EndpointId endpoint, NetworkNamespace container, Place place) {
        String hostEnd = names.hostEnd(endpoint);
        byte[] mac = place.mac().bytes();
        new RouteBatch().createVeth(new RouteBatch.VethPair(hostEnd, hostMac(endpoint).bytes(), device.index(), place.link(), mac,
                container.handle(), MTU)).setHairpin(hostEnd).send(routes);
        RouteReader.Link link = reader.link(hostEnd).orElseThrow(() -> new NetworkException(NetworkException.Kind.UNAVAILABLE,
                "link " + hostEnd + " is gone as soon as it was made: something else on this host removes links"));
        // or the bridge would look for a re-used address on the dying link of the container that had it before
        new RouteBatch().setForwarding(link.index(), mac).send(routes);
        Place.Assigned assigned = place.ipv4().orElseThrow();
        new RouteBatch().addAddress(link.peer(), assigned.address().bytes(), assigned.prefixLength()).setUp(link.peer())
                .addDefaultRoute(link.peer(), assigned.gateway().orElseThrow().bytes()).send(container.routes());
    }

    /** Locally administered, and not from the range of the containers' own. */
    private static MacAddress hostMac(EndpointId endpoint) {
        return new MacAddress(0x0600_0000_0000L | Long.parseLong(endpoint.hex().substring(0, 10), 16));
    }

    /** The indexes of our links on the bridge that belong to none of the endpoints. */
    List<Integer> orphans(Device device, Collection<EndpointId> live) {
        Set<String> expected = Set.copyOf(live.stream().map(names::hostEnd).toList());
        return reader.links().stream().filter(link -> link.master() == device.index()
                && link.name().startsWith(names.hostEndPrefix()) && !expected.contains(link.name()))
                .map(RouteReader.Link::index).toList();
    }

    /** Waits for the kernel, 30 ms or more. */
    void deleteLink(int index) {
        try {
            new RouteBatch().deleteLink(index).send(routes);
        } catch (NetlinkException failure) {
            if (failure.errno() != Errno.ENODEV) {
                throw failure;
            }
        }
    }

    /** Removes the bridge and what hangs on it, if it is there. Waits for the kernel. */
    void delete() {
        reader.link(names.bridge()).ifPresent(bridge -> {
            reader.links().stream().filter(link -> link.master() == bridge.index()
                    && link.name().startsWith(names.hostEndPrefix())).forEach(link -> deleteLink(link.index()));
            deleteLink(bridge.index());
        });
    }
}
