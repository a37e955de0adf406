package io.berth.daemon.network.macvlan;

import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.definition.Driver;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.definition.ParentOptions;
import io.berth.daemon.network.link.HostLinks;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.namespace.NetworkNamespace;
import io.berth.linux.netlink.NetlinkException;
import io.berth.linux.netlink.RouteBatch;
import io.berth.linux.netlink.RouteReader;
import java.util.Optional;

/**
 * The host's link on which the containers of a network have theirs: one that is there; or one for a VLAN of it, made when it
 * is missing and then removed with the network; or, when none is named, one that leads nowhere.
 */
final class ParentLink {

    /** VLAN ids of IEEE 802.1Q: 0 and 4095 mean something else. */
    private static final int LAST_VLAN = 4094;

    private final HostLinks links;
    private final NetworkDefinition network;
    private final Optional<String> named;

    ParentLink(HostLinks links, NetworkDefinition network) {
        this.links = links;
        this.network = network;
        this.named = ParentOptions.of(network.driver(), network.options()).parent();
    }

    String name() {
        return named.orElseGet(() -> "dm-" + network.id().hex().substring(0, 12));
    }

    boolean exists() {
        return links.find(name()).isPresent();
    }

    /** The index of the link, which is made if need be. */
    int prepare() {
        Optional<RouteReader.Link> found = links.find(name());
        if (found.isEmpty()) {
            named.ifPresentOrElse(this::createVlan, this::createNowhere);
        } else if (named.isEmpty()) {
            markNowhere();
        }
        return found.orElseGet(() -> links.made(name())).index();
    }

    /** {@code eth0.10}: VLAN 10 of {@code eth0}. */
    private void createVlan(String name) {
        int dot = name.lastIndexOf('.');
        if (dot <= 0 || !name.substring(dot + 1).matches("[0-9]{1,9}")) {
            throw unavailable("invalid subinterface vlan name " + name + ", example formatting is eth0.10");
        }
        int vlan = Integer.parseInt(name.substring(dot + 1));
        if (vlan < 1 || vlan > LAST_VLAN) {
            throw unavailable("vlan id must be between 1-4094, received: " + vlan);
        }
        RouteReader.Link parent = links.find(name.substring(0, dot)).orElseThrow(() ->
                unavailable("failed to find master interface " + name.substring(0, dot) + " on the host: Link not found"));
        try {
            new RouteBatch().createVlan(name, parent.index(), vlan).send(links.routes());
        } catch (NetlinkException refusal) {
            if (refusal.errno() == Errno.EOPNOTSUPP) {
                throw new NetworkException(NetworkException.Kind.UNAVAILABLE, "failed to create " + name
                        + " vlan link: operation not supported: this kernel has no VLANs (CONFIG_VLAN_8021Q)", refusal);
            }
            throw refusal;
        }
        links.mark(name, network.id());
    }

    /** A pair of links of which nobody uses the other one: unlike a lone bridge it has a carrier, and every kernel that has containers has it. */
    private void createNowhere() {
        new RouteBatch().createPair(name(), otherEnd()).send(links.routes());
        markNowhere();
        new RouteBatch().setUp(links.made(otherEnd()).index()).send(links.routes());
    }

    private void markNowhere() {
        links.mark(name(), network.id());
        links.mark(otherEnd(), network.id());
    }

    private String otherEnd() {
        return "dn-" + network.id().hex().substring(0, 12);
    }

    /** Removes it if it was made for this network. */
    void remove() {
        links.find(name()).filter(link -> links.isMarked(link, network.id())).ifPresent(link -> links.delete(link.index()));
    }

    /** Whether the kernel knows this kind of link, found out by making one on the parent. */
    void require(Driver driver) {
        if (driver == Driver.IPVLAN) {
            String probe = "ip-" + network.id().hex().substring(0, 12);
            try (Fd here = NetworkNamespace.current(links.kernel())) {
                new RouteBatch().createIpvlan(new RouteBatch.ChildLink(probe, prepare(), here, 0), RouteBatch.IpvlanMode.L2,
                        RouteBatch.IpvlanFlag.BRIDGE).send(links.routes());
                links.delete(probe);
            } catch (NetlinkException refusal) {
                // any other refusal, such as a parent that is busy now, says nothing about later
                if (refusal.errno() == Errno.EOPNOTSUPP) {
                    throw new NetworkException(NetworkException.Kind.UNAVAILABLE, "cannot make ipvlan network " + network.name()
                            + ": this kernel has no ipvlan (CONFIG_IPVLAN); macvlan does the same with a MAC address for each container", refusal);
                }
            }
        }
    }

    private static NetworkException unavailable(String message) {
        return new NetworkException(NetworkException.Kind.UNAVAILABLE, message);
    }
}
