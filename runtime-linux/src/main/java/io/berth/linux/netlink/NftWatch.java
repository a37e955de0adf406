package io.berth.linux.netlink;

import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SocketCalls;
import io.berth.linux.kernel.SystemCall;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Set;

/**
 * Hears from the kernel when somebody removes something of an nf_tables table (nfnetlink multicast, NFNLGRP_NFTABLES): the
 * table, a chain, a rule, a set or an element. It belongs to the network namespace of the thread that opens it.
 */
public final class NftWatch implements AutoCloseable {

    // linux/netlink.h, linux/netfilter/nfnetlink.h, linux/netfilter/nf_tables.h
    private static final int NETLINK_NETFILTER = 12;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_ADD_MEMBERSHIP = 1;
    private static final int NFNLGRP_NFTABLES = 7;
    private static final int NFNL_SUBSYS_NFTABLES = 10;
    private static final int NFT_MSG_DELTABLE = 2;
    private static final int NFT_MSG_DELCHAIN = 5;
    private static final int NFT_MSG_DELRULE = 8;
    private static final int NFT_MSG_DELSET = 11;
    private static final int NFT_MSG_DELSETELEM = 14;
    private static final Set<Integer> REMOVALS =
            Set.of(NFT_MSG_DELTABLE, NFT_MSG_DELCHAIN, NFT_MSG_DELRULE, NFT_MSG_DELSET, NFT_MSG_DELSETELEM);
    private static final int NFPROTO_INET = 1;
    private static final int FAMILY_HEADER = 4;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUFFORCE = 33;
    /** A flush of a large rule set tells of every element. */
    private static final int RECEIVE_BUFFER = 4 << 20;
    private static final int LONGEST_MESSAGE = 64 * 1024;

    private final Kernel kernel;
    private final String table;
    private final NetlinkSocket own;
    private final Fd socket;
    private final NativeBuffer buffer = NativeBuffer.allocate(LONGEST_MESSAGE);

    /** @param own the socket whose changes are not told */
    public NftWatch(Kernel kernel, String table, NetlinkSocket own) {
        this.kernel = kernel;
        this.table = table;
        this.own = own;
        SocketCalls sockets = new SocketCalls(kernel);
        socket = sockets.socket(SocketCalls.AF_NETLINK, SocketCalls.SOCK_RAW | SocketCalls.SOCK_NONBLOCK, NETLINK_NETFILTER);
        sockets.setOption(socket, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
        // struct sockaddr_nl; a socket without a number of its own is told nothing
        NativeBuffer any = NativeBuffer.allocate(12);
        any.bytes().putShort(0, (short) SocketCalls.AF_NETLINK);
        kernel.call(SystemCall.BIND, socket, any, Argument.of(any.size()));
        sockets.setOption(socket, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, NFNLGRP_NFTABLES);
    }

    /** Readable when there is something to {@link #read}. */
    public Fd descriptor() {
        return socket;
    }

    /**
     * Reads all that the kernel has told so far; immediate.
     *
     * @return whether another than {@code own} has removed something of the table, or may have: more happened than there is memory for
     */
    public boolean read() {
        boolean damaged = false;
        while (true) {
            long length = kernel.attempt(SystemCall.READ, socket, buffer, Argument.of(buffer.size()));
            if (length == -Errno.EAGAIN.number() || length == 0) {
                return damaged;
            }
            damaged |= length < 0 || tellsOfRemoval(buffer.copy(0, (int) length));
        }
    }

    private boolean tellsOfRemoval(byte[] datagram) {
        ByteBuffer bytes = ByteBuffer.wrap(datagram).order(ByteOrder.nativeOrder());
        int at = 0;
        while (at + Messages.HEADER + FAMILY_HEADER <= datagram.length) {
            int length = bytes.getInt(at);
            if (length < Messages.HEADER + FAMILY_HEADER || at + length > datagram.length) {
                return true;
            }
            int type = bytes.getShort(at + 4);
            boolean removal = type >> 8 == NFNL_SUBSYS_NFTABLES && REMOVALS.contains(type & 0xff)
                    && datagram[at + Messages.HEADER] == NFPROTO_INET && bytes.getInt(at + 12) != own.port();
            // the name of the table is the first attribute of every one of these messages
            if (removal && new Attributes(Arrays.copyOfRange(datagram, at + Messages.HEADER, at + length), FAMILY_HEADER)
                    .text(1).filter(table::equals).isPresent()) {
                return true;
            }
            at += (length + 3) & ~3;
        }
        return false;
    }

    @Override
    public void close() {
        socket.close();
    }
}
