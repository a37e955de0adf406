package io.berth.daemon.network.link;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.address.Subnet;
import io.berth.daemon.network.definition.NetworkId;
import io.berth.daemon.network.definition.NetworkNames;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.netlink.NetlinkException;
import io.berth.linux.netlink.NetlinkSocket;
import io.berth.linux.netlink.RouteBatch;
import io.berth.linux.netlink.RouteReader;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The host's links, and which of them are whose. On the {@link NetworkThread} alone. */
public final class HostLinks {

    private final Kernel kernel;
    private final NetlinkSocket routes;
    private final RouteReader reader;
    private final NetworkNames names;

    public HostLinks(Kernel kernel, NetlinkSocket routes, NetworkNames names) {
        this.kernel = kernel;
        this.routes = routes;
        this.reader = new RouteReader(routes);
        this.names = names;
    }

    public Kernel kernel() {
        return kernel;
    }

    public NetlinkSocket routes() {
        return routes;
    }

    public NetworkNames names() {
        return names;
    }

    public List<RouteReader.Link> all() {
        return reader.links();
    }

    public Optional<RouteReader.Link> find(String name) {
        return reader.link(name);
    }

    /** One that was made just now. */
    public RouteReader.Link made(String name) {
        return find(name).orElseThrow(() -> new NetworkException(NetworkException.Kind.UNAVAILABLE,
                "link " + name + " is gone as soon as it was made: something else on this host removes links"));
    }

    /** Writes on a link whose it is, so that a later daemon may remove it. */
    public void mark(String link, NetworkId network) {
        new RouteBatch().setAlias(link, names.alias(network)).send(routes);
    }

    public boolean isMarked(RouteReader.Link link, NetworkId network) {
        return link.alias().equals(names.alias(network));
    }

    /** The networks of this instance's links, as their marks say. */
    public Optional<NetworkId> markedFor(RouteReader.Link link) {
        return names.network(link.alias());
    }

    /** The addresses of a link with their prefixes, as subnets around them. */
    public List<RouteReader.Address> addresses(int link) {
        return Stream.concat(reader.addresses().stream(), reader.addressesV6().stream()).filter(address -> address.link() == link).toList();
    }

    /** What the host routes to. The default routes overlap with everything and count for nothing. */
    public List<Subnet> routedSubnets() {
        return Stream.concat(reader.routes().stream(), reader.routesV6().stream()).filter(route -> route.prefixLength() > 0)
                .map(route -> Subnet.around(IpAddress.of(route.destination()), Byte.toUnsignedInt((byte) route.prefixLength()))).toList();
    }

    /** Waits for the kernel, 30 ms or more. */
    public void delete(int index) {
        try {
            new RouteBatch().deleteLink(index).send(routes);
        } catch (NetlinkException failure) {
            if (failure.errno() != Errno.ENODEV) {
                throw failure;
            }
        }
    }

    public void delete(String name) {
        find(name).ifPresent(link -> delete(link.index()));
    }
}
