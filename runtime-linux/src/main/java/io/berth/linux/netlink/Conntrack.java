package io.berth.linux.netlink;

import static io.berth.linux.netlink.Messages.NLM_F_ACK;
import static io.berth.linux.netlink.Messages.NLM_F_DUMP;

import io.berth.linux.kernel.Errno;
import java.util.List;

/**
 * The kernel's memory of connections and of how each is translated (nf_conntrack, by nfnetlink). The kernel picks out the
 * connections asked for by itself (Linux 5.8), but walks its whole table for them, which is sized by the machine's memory:
 * 9 ms for an empty one of 262,144 buckets. Keep these calls off a caller's way.
 */
public final class Conntrack {

    // linux/netfilter/nfnetlink_conntrack.h
    private static final int NFNL_SUBSYS_CTNETLINK = 1;
    private static final int IPCTNL_MSG_CT_GET = 1;
    private static final int IPCTNL_MSG_CT_DELETE = 2;
    private static final int CTA_TUPLE_ORIG = 1;
    private static final int CTA_TUPLE_REPLY = 2;
    private static final int CTA_FILTER = 25;
    private static final int CTA_FILTER_ORIG_FLAGS = 1;
    private static final int CTA_FILTER_REPLY_FLAGS = 2;
    private static final int CTA_FILTER_F_IP_SRC = 1;
    private static final int CTA_FILTER_F_PROTO_NUM = 1 << 3;
    private static final int CTA_FILTER_F_PROTO_DST_PORT = 1 << 5;
    private static final int CTA_TUPLE_IP = 1;
    private static final int CTA_IP_V4_SRC = 1;
    private static final int CTA_IP_V6_SRC = 3;
    private static final int CTA_TUPLE_PROTO = 2;
    private static final int CTA_PROTO_NUM = 1;
    private static final int CTA_PROTO_DST_PORT = 3;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    /** struct nfgenmsg. */
    private static final int FAMILY_HEADER = 4;

    private Conntrack() {
    }

    /**
     * Forgets the connections that {@code address} answers, among them all that were redirected to it: without this a udp
     * client that keeps its port goes on being sent to an address that is gone or has become somebody else's.
     *
     * @param address of IPv4 or IPv6
     * @return how many were forgotten
     */
    public static int forgetConnectionsTo(NetlinkSocket netfilter, byte[] address) {
        int family = address.length == 4 ? AF_INET : AF_INET6;
        int field = family == AF_INET ? CTA_IP_V4_SRC : CTA_IP_V6_SRC;
        return forgetAll(netfilter, family, list("list the connections to a container", family)
                .nest(CTA_TUPLE_REPLY, tuple -> tuple.nest(CTA_TUPLE_IP, ip -> ip.attribute(field, address)))
                .nest(CTA_FILTER, filter -> filter.attribute32(CTA_FILTER_ORIG_FLAGS, 0)
                        .attribute32(CTA_FILTER_REPLY_FLAGS, CTA_FILTER_F_IP_SRC)));
    }

    /**
     * Forgets the connections that were opened to a port, whatever the address and its family: a udp client that has tried the port before
     * it was published is redirected from its next packet on.
     *
     * @param protocol its number in an IP header
     * @return how many were forgotten
     */
    public static int forgetConnectionsToPort(NetlinkSocket netfilter, int protocol, int port) {
        return forgetConnectionsToPort(netfilter, AF_INET, protocol, port) + forgetConnectionsToPort(netfilter, AF_INET6, protocol, port);
    }

    private static int forgetConnectionsToPort(NetlinkSocket netfilter, int family, int protocol, int port) {
        return forgetAll(netfilter, family, list("list the connections to a port", family)
                .nest(CTA_TUPLE_ORIG, tuple -> tuple.nest(CTA_TUPLE_PROTO, proto -> proto.attribute8(CTA_PROTO_NUM, protocol)
                        .attribute(CTA_PROTO_DST_PORT, Messages.big16(port))))
                .nest(CTA_FILTER, filter -> filter.attribute32(CTA_FILTER_ORIG_FLAGS,
                        CTA_FILTER_F_PROTO_NUM | CTA_FILTER_F_PROTO_DST_PORT).attribute32(CTA_FILTER_REPLY_FLAGS, 0)));
    }

    private static int forgetAll(NetlinkSocket netfilter, int family, Messages request) {
        List<byte[]> originals = netfilter.exchange(request).stream()
                .flatMap(reply -> new Attributes(reply.payload(), FAMILY_HEADER).bytes(CTA_TUPLE_ORIG).stream()).toList();
        int forgotten = 0;
        for (byte[] original : originals) {
            forgotten += forget(netfilter, family, original) ? 1 : 0;
        }
        return forgotten;
    }

    private static boolean forget(NetlinkSocket netfilter, int family, byte[] original) {
        Messages request = begin("forget a connection", IPCTNL_MSG_CT_DELETE, NLM_F_ACK, family)
                .attribute(CTA_TUPLE_ORIG | Messages.NLA_F_NESTED, original);
        try {
            netfilter.exchange(request);
            return true;
        } catch (NetlinkException failure) {
            if (failure.errno() == Errno.ENOENT) {
                // it ended by itself meanwhile
                return false;
            }
            throw failure;
        }
    }

    private static Messages list(String purpose, int family) {
        return begin(purpose, IPCTNL_MSG_CT_GET, NLM_F_DUMP, family);
    }

    private static Messages begin(String purpose, int type, int flags, int family) {
        return new Messages().begin(purpose, NFNL_SUBSYS_CTNETLINK << 8 | type, flags).put8(family).put8(0).put16(0);
    }
}
