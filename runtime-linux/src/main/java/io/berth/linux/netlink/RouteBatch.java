package io.berth.linux.netlink;

import static io.berth.linux.netlink.Messages.NLM_F_ACK;
import static io.berth.linux.netlink.Messages.NLM_F_CREATE;
import static io.berth.linux.netlink.Messages.NLM_F_EXCL;
import static io.berth.linux.netlink.Messages.NLM_F_REPLACE;

import io.berth.linux.kernel.Fd;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Changes to links, addresses, routes and forwarding tables (rtnetlink(7)), sent in one write and carried out in order.
 * It is no transaction: when one is refused the others have happened. Addresses and MACs are bytes in network order.
 */
public final class RouteBatch {

    // linux/rtnetlink.h
    private static final int RTM_NEWLINK = 16;
    private static final int RTM_DELLINK = 17;
    private static final int RTM_NEWADDR = 20;
    private static final int RTM_DELADDR = 21;
    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_DELROUTE = 25;
    private static final int RTM_NEWNEIGH = 28;
    private static final int RT_TABLE_MAIN = 254;
    private static final int RTPROT_BOOT = 3;
    private static final int RTN_UNICAST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    // linux/if_link.h
    private static final int IFLA_ADDRESS = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_LINK = 5;
    private static final int IFLA_MASTER = 10;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_IFALIAS = 20;
    private static final int IFLA_NET_NS_FD = 28;
    private static final int IFLA_INFO_KIND = 1;
    private static final int IFLA_INFO_DATA = 2;
    private static final int IFLA_INFO_SLAVE_KIND = 4;
    private static final int IFLA_INFO_SLAVE_DATA = 5;
    private static final int IFLA_BRPORT_MODE = 4;
    private static final int IFLA_BRPORT_ISOLATED = 33;
    private static final int IFLA_VLAN_ID = 1;
    private static final int IFLA_MACVLAN_MODE = 1;
    private static final int IFLA_IPVLAN_MODE = 1;
    private static final int IFLA_IPVLAN_FLAGS = 2;
    private static final int VETH_INFO_PEER = 1;
    private static final int IFF_UP = 1;
    // linux/if_addr.h, linux/neighbour.h
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_BROADCAST = 4;
    private static final int IFA_F_NODAD = 2;
    private static final int NDA_LLADDR = 2;
    private static final int NUD_NOARP = 0x40;
    private static final int NTF_MASTER = 4;
    private static final int AF_UNSPEC = 0;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int AF_BRIDGE = 7;

    /** A veth pair: the end that stays, attached to a bridge and up, and the end that is born in another namespace. */
    public record VethPair(String name, byte[] mac, int bridge, String peerName, byte[] peerMac, Fd peerNamespace, int mtu) {
    }

    /** What a link of its own on another link does with packets to its neighbours; linux/if_link.h. */
    public enum MacvlanMode {
        PRIVATE(1), VEPA(2), BRIDGE(4), PASSTHRU(8);

        private final int number;

        MacvlanMode(int number) {
            this.number = number;
        }
    }

    /** At which layer links with the MAC of their parent part their packets; linux/if_link.h. */
    public enum IpvlanMode {
        L2, L3, L3S
    }

    /** The same question as {@link MacvlanMode} for them. */
    public enum IpvlanFlag {
        BRIDGE, PRIVATE, VEPA
    }

    /**
     * A link on a parent, born in another namespace.
     *
     * @param parent the parent's index, in the namespace of the socket
     */
    public record ChildLink(String name, int parent, Fd namespace, int mtu) {
    }

    private final Messages messages = new Messages();

    /** A bridge that is up; its MAC is given so that it does not change with the ports that come and go. */
    public RouteBatch createBridge(String name, byte[] mac, int mtu) {
        begin("create bridge " + name, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
        link(AF_UNSPEC, 0, IFF_UP).text(IFLA_IFNAME, name).attribute(IFLA_ADDRESS, mac).attribute32(IFLA_MTU, mtu)
                .nest(IFLA_LINKINFO, info -> info.text(IFLA_INFO_KIND, "bridge"));
        return this;
    }

    /**
     * One message makes the pair, attaches the near end to the bridge, sets it up, and puts the far end into its
     * namespace. The far end cannot be born up (ENOTCONN): its peer does not exist yet at that moment.
     */
    public RouteBatch createVeth(VethPair veth) {
        begin("create link " + veth.name(), RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
        link(AF_UNSPEC, 0, IFF_UP).text(IFLA_IFNAME, veth.name()).attribute(IFLA_ADDRESS, veth.mac())
                .attribute32(IFLA_MTU, veth.mtu()).attribute32(IFLA_MASTER, veth.bridge())
                .nest(IFLA_LINKINFO, info -> info.text(IFLA_INFO_KIND, "veth")
                        .nest(IFLA_INFO_DATA, data -> data.nest(VETH_INFO_PEER, peer -> peer(peer, veth))));
        return this;
    }

    private static void peer(Messages peer, VethPair veth) {
        link(peer, AF_UNSPEC, 0, 0).text(IFLA_IFNAME, veth.peerName()).attribute(IFLA_ADDRESS, veth.peerMac())
                .attribute32(IFLA_MTU, veth.mtu()).attribute32(IFLA_NET_NS_FD, veth.peerNamespace().number());
    }

    /** What people see of it in {@code ip link}; to be set when the link is there. */
    public RouteBatch setAlias(String name, String alias) {
        begin("set the alias of link " + name, RTM_NEWLINK, 0);
        link(AF_UNSPEC, 0, 0).text(IFLA_IFNAME, name).attribute(IFLA_IFALIAS, alias.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** A pair of links in this namespace, both up: what goes into one comes out of the other. */
    public RouteBatch createPair(String name, String peerName) {
        begin("create link " + name, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
        link(AF_UNSPEC, 0, IFF_UP).text(IFLA_IFNAME, name)
                .nest(IFLA_LINKINFO, info -> info.text(IFLA_INFO_KIND, "veth")
                        .nest(IFLA_INFO_DATA, data -> data.nest(VETH_INFO_PEER, peer -> link(peer, AF_UNSPEC, 0, 0).text(IFLA_IFNAME, peerName))));
        return this;
    }

    /** A link for the packets of one VLAN (IEEE 802.1Q) of its parent, up. */
    public RouteBatch createVlan(String name, int parent, int vlan) {
        begin("create link " + name + " for VLAN " + vlan, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
        link(AF_UNSPEC, 0, IFF_UP).text(IFLA_IFNAME, name).attribute32(IFLA_LINK, parent)
                .nest(IFLA_LINKINFO, info -> info.text(IFLA_INFO_KIND, "vlan")
                        .nest(IFLA_INFO_DATA, data -> data.attribute16(IFLA_VLAN_ID, vlan)));
        return this;
    }

    public RouteBatch createMacvlan(ChildLink child, byte[] mac, MacvlanMode mode) {
        begin("create macvlan link " + child.name(), RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
        child(child).attribute(IFLA_ADDRESS, mac).nest(IFLA_LINKINFO, info -> info.text(IFLA_INFO_KIND, "macvlan")
                .nest(IFLA_INFO_DATA, data -> data.attribute32(IFLA_MACVLAN_MODE, mode.number)));
        return this;
    }

    /** It has the MAC of its parent. */
    public RouteBatch createIpvlan(ChildLink child, IpvlanMode mode, IpvlanFlag flag) {
        begin("create ipvlan link " + child.name(), RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
        child(child).nest(IFLA_LINKINFO, info -> info.text(IFLA_INFO_KIND, "ipvlan")
                .nest(IFLA_INFO_DATA, data -> data.attribute16(IFLA_IPVLAN_MODE, mode.ordinal()).attribute16(IFLA_IPVLAN_FLAGS, flag.ordinal())));
        return this;
    }

    private Messages child(ChildLink child) {
        Messages message = link(AF_UNSPEC, 0, 0).text(IFLA_IFNAME, child.name()).attribute32(IFLA_LINK, child.parent())
                .attribute32(IFLA_NET_NS_FD, child.namespace().number());
        return child.mtu() == 0 ? message : message.attribute32(IFLA_MTU, child.mtu());
    }

    /** Keeps the bridge from sending a frame of this port to another such port. */
    public RouteBatch setIsolated(String port) {
        begin("isolate " + port, RTM_NEWLINK, 0);
        link(AF_UNSPEC, 0, 0).text(IFLA_IFNAME, port)
                .nest(IFLA_LINKINFO, info -> info.text(IFLA_INFO_SLAVE_KIND, "bridge")
                        .nest(IFLA_INFO_SLAVE_DATA, data -> data.attribute8(IFLA_BRPORT_ISOLATED, 1)));
        return this;
    }

    /** Lets the bridge send a frame back out of the port it came in by: a container that calls its own published port. */
    public RouteBatch setHairpin(String port) {
        begin("set hairpin mode of " + port, RTM_NEWLINK, 0);
        link(AF_UNSPEC, 0, 0).text(IFLA_IFNAME, port)
                .nest(IFLA_LINKINFO, info -> info.text(IFLA_INFO_SLAVE_KIND, "bridge")
                        .nest(IFLA_INFO_SLAVE_DATA, data -> data.attribute8(IFLA_BRPORT_MODE, 1)));
        return this;
    }

    /** Tells the bridge of this port which way {@code mac} is, before the container has said a word. */
    public RouteBatch setForwarding(int port, byte[] mac) {
        begin("forward " + HexFormat.ofDelimiter(":").formatHex(mac) + " to link " + port, RTM_NEWNEIGH,
                NLM_F_CREATE | NLM_F_REPLACE);
        // struct ndmsg
        messages.put8(AF_BRIDGE).put8(0).put16(0).put32(port).put16(NUD_NOARP).put8(NTF_MASTER).put8(0)
                .attribute(NDA_LLADDR, mac);
        return this;
    }

    public RouteBatch setUp(int link) {
        begin("set link " + link + " up", RTM_NEWLINK, 0);
        link(AF_UNSPEC, link, IFF_UP);
        return this;
    }

    /**
     * Adds an address with the route to its network. An IPv6 address is used at once, without duplicate detection
     * (IFA_F_NODAD): whoever assigns it knows that it is free.
     */
    public RouteBatch addAddress(int link, byte[] address, int prefixLength) {
        boolean v4 = address.length == 4;
        begin("add address " + text(address) + "/" + prefixLength + " to link " + link, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
        // struct ifaddrmsg
        messages.put8(v4 ? AF_INET : AF_INET6).put8(prefixLength).put8(v4 ? 0 : IFA_F_NODAD).put8(0).put32(link)
                .attribute(IFA_LOCAL, address).attribute(IFA_ADDRESS, address);
        if (v4 && prefixLength < 31) {
            messages.attribute(IFA_BROADCAST, broadcast(address, prefixLength));
        }
        return this;
    }

    public RouteBatch removeAddress(int link, byte[] address, int prefixLength) {
        begin("remove address " + text(address) + "/" + prefixLength + " from link " + link, RTM_DELADDR, 0);
        messages.put8(address.length == 4 ? AF_INET : AF_INET6).put8(prefixLength).put8(0).put8(0).put32(link).attribute(IFA_LOCAL, address);
        return this;
    }

    public RouteBatch addDefaultRoute(int link, byte[] gateway) {
        return defaultRoute("add", RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, link, gateway);
    }

    public RouteBatch removeDefaultRoute(int link, byte[] gateway) {
        return defaultRoute("remove", RTM_DELROUTE, 0, link, gateway);
    }

    private RouteBatch defaultRoute(String verb, int type, int flags, int link, byte[] gateway) {
        begin(verb + " default route via " + text(gateway) + " on link " + link, type, flags);
        route(gateway.length == 4).attribute(RTA_GATEWAY, gateway).attribute32(RTA_OIF, link);
        return this;
    }

    /** All other addresses are asked for on the link itself. @param v4 of IPv4, of IPv6 otherwise */
    public RouteBatch addDefaultRouteToLink(int link, boolean v4) {
        begin("add default route to link " + link, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
        route(v4).attribute32(RTA_OIF, link);
        return this;
    }

    public RouteBatch removeDefaultRouteToLink(int link, boolean v4) {
        begin("remove default route to link " + link, RTM_DELROUTE, 0);
        route(v4).attribute32(RTA_OIF, link);
        return this;
    }

    /** struct rtmsg: of the main table, to everywhere. */
    private Messages route(boolean v4) {
        return messages.put8(v4 ? AF_INET : AF_INET6).put8(0).put8(0).put8(0)
                .put8(RT_TABLE_MAIN).put8(RTPROT_BOOT).put8(0).put8(RTN_UNICAST).put32(0);
    }

    /** Waits some 30 ms for the link to be gone: never on the way of a caller who waits for a container. */
    public RouteBatch deleteLink(int link) {
        begin("delete link " + link, RTM_DELLINK, 0);
        link(AF_UNSPEC, link, 0);
        return this;
    }

    /** @throws NetlinkException for the first change the kernel refused; the others have been made */
    public void send(NetlinkSocket routes) {
        if (messages.count() > 0) {
            routes.exchange(messages);
        }
    }

    Messages messages() {
        return messages;
    }

    private void begin(String purpose, int type, int flags) {
        messages.begin(purpose, type, flags | NLM_F_ACK);
    }

    private Messages link(int family, int index, int flagsUp) {
        return link(messages, family, index, flagsUp);
    }

    /** struct ifinfomsg: family, type, index, flags, which flags to change. */
    private static Messages link(Messages into, int family, int index, int flags) {
        return into.put8(family).put8(0).put16(0).put32(index).put32(flags).put32(flags);
    }

    private static byte[] broadcast(byte[] address, int prefixLength) {
        byte[] broadcast = address.clone();
        for (int bit = prefixLength; bit < 32; bit++) {
            broadcast[bit / 8] |= (byte) (0x80 >> bit % 8);
        }
        return broadcast;
    }

    private static String text(byte[] address) {
        try {
            return InetAddress.getByAddress(address).getHostAddress();
        } catch (UnknownHostException impossible) {
            throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + address.length, impossible);
        }
    }
}
