package io.berth.linux.netlink;

import static io.berth.linux.netlink.Messages.NLM_F_ACK;
import static io.berth.linux.netlink.Messages.NLM_F_DUMP;

import io.berth.linux.kernel.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/** What rtnetlink(7) knows of a namespace: its links, addresses and routes. */
public final class RouteReader {

    // linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h
    private static final int RTM_GETLINK = 18;
    private static final int RTM_GETADDR = 22;
    private static final int RTM_GETROUTE = 26;
    private static final int RT_TABLE_MAIN = 254;
    private static final int RTN_UNICAST = 1;
    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int IFLA_ADDRESS = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_LINK = 5;
    private static final int IFLA_MASTER = 10;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_IFALIAS = 20;
    private static final int IFLA_EXT_MASK = 29;
    private static final int IFLA_INFO_KIND = 1;
    private static final int RTEXT_FILTER_SKIP_STATS = 1 << 3;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFF_UP = 1;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int LINK_HEADER = 16;
    private static final int ADDRESS_HEADER = 8;
    private static final int ROUTE_HEADER = 12;

    /**
     * A link.
     *
     * @param master the index of the bridge it is attached to, 0 for none
     * @param peer   of a veth the index of its other end, in the namespace where that is, of a link on another one that other
     *               one; 0 for none
     * @param kind   {@code bridge}, {@code veth}; empty for a device
     * @param alias  what somebody has written on it; empty: nothing
     */
    public record Link(int index, String name, boolean up, int master, int peer, byte[] mac, String kind, String alias) {
    }

    /** An address of a link. */
    public record Address(int link, byte[] address, int prefixLength) {
    }

    /** A unicast route of the main table; {@code link} is 0 when it has several next hops. */
    public record Route(byte[] destination, int prefixLength, int link) {
    }

    private final NetlinkSocket routes;

    public RouteReader(NetlinkSocket routes) {
        this.routes = routes;
    }

    public List<Link> links() {
        Messages request = new Messages().begin("list links", RTM_GETLINK, NLM_F_DUMP);
        return routes.exchange(linkHeader(request)).stream().map(RouteReader::link).toList();
    }

    public Optional<Link> link(String name) {
        Messages request = new Messages().begin("find link " + name, RTM_GETLINK, NLM_F_ACK);
        try {
            return routes.exchange(linkHeader(request).text(IFLA_IFNAME, name)
                    .attribute32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)).stream().map(RouteReader::link).findFirst();
        } catch (NetlinkException failure) {
            if (failure.errno() == Errno.ENODEV) {
                return Optional.empty();
            }
            throw failure;
        }
    }

    /** Of IPv4. */
    public List<Address> addresses() {
        return addresses(AF_INET);
    }

    /** Of IPv6. */
    public List<Address> addressesV6() {
        return addresses(AF_INET6);
    }

    private List<Address> addresses(int family) {
        // struct ifaddrmsg
        Messages request = new Messages().begin("list addresses", RTM_GETADDR, NLM_F_DUMP)
                .put8(family).put8(0).put8(0).put8(0).put32(0);
        return routes.exchange(request).stream().flatMap(reply -> address(reply).stream()).toList();
    }

    /** Of IPv4. */
    public List<Route> routes() {
        return routes(AF_INET);
    }

    /** Of IPv6. */
    public List<Route> routesV6() {
        return routes(AF_INET6);
    }

    private List<Route> routes(int family) {
        // struct rtmsg
        Messages request = new Messages().begin("list routes", RTM_GETROUTE, NLM_F_DUMP)
                .put8(family).put8(0).put8(0).put8(0).put8(0).put8(0).put8(0).put8(0).put32(0);
        return routes.exchange(request).stream().flatMap(reply -> route(reply).stream()).toList();
    }

    private static Messages linkHeader(Messages request) {
        return request.put8(0).put8(0).put16(0).put32(0).put32(0).put32(0);
    }

    private static Link link(NetlinkSocket.Reply reply) {
        ByteBuffer header = ByteBuffer.wrap(reply.payload()).order(ByteOrder.nativeOrder());
        Attributes attributes = new Attributes(reply.payload(), LINK_HEADER);
        return new Link(header.getInt(4), attributes.text(IFLA_IFNAME).orElse(""), (header.getInt(8) & IFF_UP) != 0,
                attributes.number(IFLA_MASTER).orElse(0), attributes.number(IFLA_LINK).orElse(0),
                attributes.bytes(IFLA_ADDRESS).orElse(new byte[0]),
                attributes.bytes(IFLA_LINKINFO).flatMap(info -> new Attributes(info, 0).text(IFLA_INFO_KIND)).orElse(""),
                attributes.text(IFLA_IFALIAS).orElse(""));
    }

    private static Optional<Address> address(NetlinkSocket.Reply reply) {
        ByteBuffer header = ByteBuffer.wrap(reply.payload()).order(ByteOrder.nativeOrder());
        // only those of IPv4 have a local address that may differ from the one announced
        Attributes attributes = new Attributes(reply.payload(), ADDRESS_HEADER);
        return attributes.bytes(IFA_LOCAL).or(() -> attributes.bytes(IFA_ADDRESS))
                .map(address -> new Address(header.getInt(4), address, header.get(1)));
    }

    private static Optional<Route> route(NetlinkSocket.Reply reply) {
        ByteBuffer header = ByteBuffer.wrap(reply.payload()).order(ByteOrder.nativeOrder());
        boolean unicastOfMain = Byte.toUnsignedInt(header.get(4)) == RT_TABLE_MAIN && header.get(7) == RTN_UNICAST;
        if (!unicastOfMain) {
            return Optional.empty();
        }
        Attributes attributes = new Attributes(reply.payload(), ROUTE_HEADER);
        return Optional.of(new Route(attributes.bytes(RTA_DST).orElse(new byte[header.get(0) == AF_INET ? 4 : 16]), header.get(1),
                attributes.number(RTA_OIF).orElse(0)));
    }
}
