package io.berth.daemon.network.bridge;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.address.MacAddress;
import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.definition.AddressRange;
import io.berth.daemon.network.definition.BridgeOptions;
import io.berth.daemon.network.definition.EndpointId;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.firewall.GatewayMode;
import io.berth.daemon.network.link.ContainerEnd;
import io.berth.daemon.network.link.ContainerNamespace;
import io.berth.daemon.network.link.HostLinks;
import io.berth.daemon.network.link.HostNetwork;
import io.berth.daemon.network.link.Undo;
import io.berth.daemon.network.sandbox.Endpoint;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.netlink.NetlinkException;
import io.berth.linux.netlink.RouteBatch;
import io.berth.linux.netlink.RouteReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A bridge on the host with the gateway's addresses, and a pair of links to each container. One that somebody else has made,
 * and that the network's options name, is used as it is and never removed.
 */
public final class Bridge implements HostNetwork {

    private static final int DEFAULT_MTU = 1500;
    private static final int MOST_ATTEMPTS = 4;
    /** So that containers find routers on the link (RFC 4291): the reference gives every bridge with IPv6 this one too. */
    private static final IpAddress LINK_LOCAL = IpAddress.parse("fe80::1");
    private static final int LINK_LOCAL_PREFIX = 64;

    private final HostLinks links;
    private final NetworkDefinition network;
    private final BridgeOptions options;
    private final String name;
    private final boolean forwards;
    private Optional<Integer> index = Optional.empty();

    /** @param forwards whether it makes the host forward packets; otherwise somebody else does, or nobody */
    public Bridge(HostLinks links, NetworkDefinition network, boolean forwards) {
        this.links = links;
        this.network = network;
        this.options = BridgeOptions.of(network.options(), network.internal());
        this.name = nameOf(links, network);
        this.forwards = forwards;
    }

    /** What the bridge of a network is called. */
    public static String nameOf(HostLinks links, NetworkDefinition network) {
        Optional<String> chosen = BridgeOptions.of(network.options(), network.internal()).name();
        return chosen.orElseGet(() -> network.isPredefined() ? links.names().bridge() : links.names().bridge(network.id()));
    }

    @Override
    public boolean exists() {
        return links.find(name).isPresent();
    }

    @Override
    public void prepare() {
        if (index.isPresent()) {
            return;
        }
        RouteReader.Link link = links.find(name).orElseGet(this::create);
        if (!link.kind().equals("bridge")) {
            throw new NetworkException(NetworkException.Kind.UNAVAILABLE, "existing interface " + name + " is not a bridge");
        }
        if (isNamedByUs()) {
            links.mark(name, network.id());
        }
        addAddresses(link.index());
        configure();
        index = Optional.of(link.index());
    }

    /** Nobody else makes one of these names, so it is ours though a killed daemon has not come to write that on it. */
    private boolean isNamedByUs() {
        return options.name().isEmpty() || network.isPredefined();
    }

    private RouteReader.Link create() {
        MacAddress mac = gateway(IpFamily.V4).or(() -> gateway(IpFamily.V6)).map(MacAddress::of)
                .orElseGet(() -> new MacAddress(0x0242_0000_0000L | Long.parseLong(network.id().hex().substring(0, 8), 16)));
        new RouteBatch().createBridge(name, mac.bytes(), options.mtu() == 0 ? DEFAULT_MTU : options.mtu()).send(links.routes());
        links.mark(name, network.id());
        return links.made(name);
    }

    /** The addresses of the bridge itself; it has none where the gateway is somebody else, or nobody. */
    private Optional<IpAddress> gateway(IpFamily family) {
        boolean none = family == IpFamily.V4 && options.withoutAddress() || options.mode(family) == GatewayMode.ISOLATED;
        return none ? Optional.empty() : network.range(family).flatMap(AddressRange::gateway);
    }

    private void addAddresses(int link) {
        List<IpAddress> present = links.addresses(link).stream().map(address -> IpAddress.of(address.address())).toList();
        RouteBatch batch = new RouteBatch();
        if (network.ipv6()) {
            write("ipv6/conf/" + name + "/disable_ipv6", "0");
            write("ipv6/conf/" + name + "/accept_ra", "0");
        }
        for (IpFamily family : IpFamily.values()) {
            gateway(family).filter(address -> !present.contains(address)).ifPresent(address ->
                    batch.addAddress(link, address.bytes(), network.range(family).orElseThrow().subnet().prefixLength()));
        }
        if (gateway(IpFamily.V6).filter(address -> !address.equals(LINK_LOCAL)).isPresent() && !present.contains(LINK_LOCAL)) {
            batch.addAddress(link, LINK_LOCAL.bytes(), LINK_LOCAL_PREFIX);
        }
        batch.setUp(link).send(links.routes());
    }

    private void configure() {
        if (network.ipv4()) {
            // so that a port published on 127.0.0.1 can be redirected into it
            write("ipv4/conf/" + name + "/route_localnet", "1");
            if (forwards) {
                write("ipv4/ip_forward", "1");
            }
        }
        if (forwards && network.ipv6() && !network.internal()) {
            write("ipv6/conf/default/forwarding", "1");
            write("ipv6/conf/all/forwarding", "1");
        }
    }

    private void write(String path, String text) {
        Path file = Path.of("/proc/sys/net", path);
        if (!Files.exists(file)) {
            throw new NetworkException(NetworkException.Kind.UNAVAILABLE, "cannot set " + file + " of network " + network.name()
                    + ": this kernel has no such file; IPv6 needs it to be compiled in and an MTU of at least 1280");
        }
        new FileCalls(links.kernel()).write(file.toString(), text);
    }

    @Override
    public EndpointId attach(ContainerNamespace container, Wiring wiring) {
        // the name of a link has room for a few digits of the id only; another id is drawn when they are taken
        for (int attempt = 1;; attempt++) {
            EndpointId id = EndpointId.random();
            try {
                attach(id, container, wiring);
                return id;
            } catch (NetlinkException failure) {
                if (attempt == MOST_ATTEMPTS || failure.errno() != Errno.EEXIST && !madeAgain()) {
                    throw failure;
                }
            }
        }
    }

    /** Whether the device was not there any more, because something else on this host removes links; now it is. */
    private boolean madeAgain() {
        if (links.find(name).map(RouteReader.Link::index).equals(index)) {
            return false;
        }
        index = Optional.empty();
        prepare();
        return true;
    }

    private void attach(EndpointId endpoint, ContainerNamespace container, Wiring wiring) {
        String hostEnd = links.names().hostEnd(endpoint);
        byte[] mac = wiring.place().mac().bytes();
        RouteBatch batch = new RouteBatch().createVeth(new RouteBatch.VethPair(hostEnd, hostMac(endpoint).bytes(), index.orElseThrow(),
                wiring.place().link(), mac, container.handle(), options.mtu() == 0 ? DEFAULT_MTU : options.mtu())).setHairpin(hostEnd);
        if (!options.icc()) {
            batch.setIsolated(hostEnd);
        }
        batch.send(links.routes());
        RouteReader.Link link = links.made(hostEnd);
        try {
            // or the bridge would look for a re-used address on the dying link of the container that had it before
            new RouteBatch().setForwarding(link.index(), mac).send(links.routes());
            ContainerEnd.configure(container, link.peer(), wiring);
        } catch (RuntimeException failure) {
            Undo.after(failure, () -> links.delete(link.index()));
            throw failure;
        }
    }

    /** Locally administered, and not from the range of the containers' own. */
    private static MacAddress hostMac(EndpointId endpoint) {
        return new MacAddress(0x0600_0000_0000L | Long.parseLong(endpoint.hex().substring(0, 10), 16));
    }

    @Override
    public void detach(ContainerNamespace container, Endpoint endpoint) {
        // both ends go
        links.delete(links.names().hostEnd(endpoint.id()));
    }

    @Override
    public void remove() {
        index = Optional.empty();
        links.find(name).filter(link -> isNamedByUs() || links.isMarked(link, network.id())).ifPresent(bridge -> {
            links.all().stream().filter(link -> link.master() == bridge.index() && link.name().startsWith(links.names().hostEndPrefix()))
                    .forEach(link -> links.delete(link.index()));
            links.delete(bridge.index());
        });
    }
}
