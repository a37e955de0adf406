package io.berth.linux.netlink;

import static io.berth.linux.netlink.Messages.NLM_F_ACK;
import static io.berth.linux.netlink.Messages.NLM_F_DUMP;

import io.berth.linux.kernel.Errno;
import java.util.List;

/** The kernel's memory of connections and of how each is translated (nf_conntrack, by nfnetlink). */
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
    private static final int CTA_TUPLE_IP = 1;
    private static final int CTA_IP_V4_SRC = 1;
    private static final int AF_INET = 2;
    /** struct nfgenmsg. */
    private static final int FAMILY_HEADER = 4;

    private Conntrack() {
    }

    /**
     * Forgets the connections that {@code address} answers, among them all that were redirected to it: without this a udp
     * client that keeps its port goes on being sent to an address that is gone or has become somebody else's.
     * The kernel looks through its whole table (5.8+ filters it there), so keep this off the way of a caller.
     *
     * @return how many were forgotten
     */
    public static int forgetConnectionsTo(NetlinkSocket netfilter, byte[] address) {
        Messages request = begin(new Messages(), "list connections answered by a container", IPCTNL_MSG_CT_GET, NLM_F_DUMP)
                .nest(CTA_TUPLE_REPLY, tuple -> tuple.nest(CTA_TUPLE_IP, ip -> ip.attribute(CTA_IP_V4_SRC, address)))
                .nest(CTA_FILTER, filter -> filter.attribute32(CTA_FILTER_ORIG_FLAGS, 0)
                        .attribute32(CTA_FILTER_REPLY_FLAGS, CTA_FILTER_F_IP_SRC));
        List<byte[]> originals = netfilter.exchange(request).stream()
                .flatMap(reply -> new Attributes(reply.payload(), FAMILY_HEADER).bytes(CTA_TUPLE_ORIG).stream()).toList();
        int forgotten = 0;
        for (byte[] original : originals) {
            forgotten += forget(netfilter, original) ? 1 : 0;
        }
        return forgotten;
    }

    private static boolean forget(NetlinkSocket netfilter, byte[] original) {
        Messages request = begin(new Messages(), "forget a connection", IPCTNL_MSG_CT_DELETE, NLM_F_ACK)
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

    private static Messages begin(Messages messages, String purpose, int type, int flags) {
        return messages.begin(purpose, NFNL_SUBSYS_CTNETLINK << 8 | type, flags).put8(AF_INET).put8(0).put16(0);
    }
}
