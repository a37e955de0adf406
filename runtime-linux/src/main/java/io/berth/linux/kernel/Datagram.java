package io.berth.linux.kernel;

import static io.berth.linux.kernel.Argument.of;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Room for one IPv6 datagram with who sent it and to which of our addresses, so that the answer leaves from that address
 * (recvmsg(2), ipv6(7): IPV6_RECVPKTINFO). Used again for every datagram; one thread at a time.
 */
public final class Datagram {

    private static final int LARGEST = 65536;
    // struct msghdr on 64-bit machines, then one iovec, the name and the control message
    private static final int NAME = 0;
    private static final int NAME_LENGTH = 8;
    private static final int IOV = 16;
    private static final int IOV_LENGTH = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int MSGHDR = 56;
    private static final int IOVEC = 16;
    private static final int SOCKADDR_IN6 = 28;
    private static final int SOCKADDR_IN6_SPACE = 32;
    /** struct cmsghdr is 16 bytes, struct in6_pktinfo an address and the index of a link. */
    private static final int PKTINFO_MESSAGE = 36;
    private static final int PKTINFO_SPACE = 40;
    private static final int PKTINFO_ADDRESS = 16;
    private static final int PKTINFO_LINK = 32;
    // netinet/in.h
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_RECVPKTINFO = 49;
    private static final int IPV6_PKTINFO = 50;

    private final Kernel kernel;
    private final NativeBuffer data = NativeBuffer.allocate(LARGEST);
    private final NativeBuffer header = NativeBuffer.allocate(MSGHDR + IOVEC + SOCKADDR_IN6_SPACE + PKTINFO_SPACE);
    private int length;

    public Datagram(Kernel kernel) {
        this.kernel = kernel;
        ByteBuffer bytes = header.bytes();
        bytes.putLong(NAME, header.address() + MSGHDR + IOVEC);
        bytes.putLong(IOV, header.address() + MSGHDR);
        bytes.putLong(IOV_LENGTH, 1);
        bytes.putLong(CONTROL, header.address() + MSGHDR + IOVEC + SOCKADDR_IN6_SPACE);
        bytes.putLong(MSGHDR, data.address());
    }

    /** Who sent a datagram and where it arrived: an answer's destination and source. */
    public static final class Peer {

        private final byte[] name;
        private final byte[] pktinfo;

        private Peer(byte[] name, byte[] pktinfo) {
            this.name = name;
            this.pktinfo = pktinfo;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Peer peer && Arrays.equals(name, peer.name) && Arrays.equals(pktinfo, peer.pktinfo);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(name) + Arrays.hashCode(pktinfo);
        }
    }

    /** A socket that {@link #receive} will be used on. */
    public static void prepare(Kernel kernel, Fd socket) {
        new SocketCalls(kernel).setOption(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    }

    /** Reads one datagram into this; its length, or the errno as a negative number. */
    public long receive(Fd socket) {
        ByteBuffer bytes = header.bytes();
        bytes.putInt(NAME_LENGTH, SOCKADDR_IN6);
        bytes.putLong(CONTROL_LENGTH, PKTINFO_SPACE);
        bytes.putLong(MSGHDR + 8, LARGEST);
        long received = kernel.attempt(SystemCall.RECVMSG, socket, header, of(0));
        length = (int) Math.max(received, 0);
        return received;
    }

    /** Of the datagram received last. The link counts only where an address needs one to mean something (fe80::/10). */
    public Peer peer() {
        byte[] pktinfo = header.copy(MSGHDR + IOVEC + SOCKADDR_IN6_SPACE, PKTINFO_SPACE);
        boolean linkLocal = pktinfo[PKTINFO_ADDRESS] == (byte) 0xfe && (pktinfo[PKTINFO_ADDRESS + 1] & 0xc0) == 0x80;
        if (!linkLocal) {
            Arrays.fill(pktinfo, PKTINFO_LINK, PKTINFO_LINK + 4, (byte) 0);
        }
        return new Peer(header.copy(MSGHDR + IOVEC, SOCKADDR_IN6), pktinfo);
    }

    /** Sends what was received last to where the socket is connected. What cannot be sent is lost, as datagrams are. */
    public void forward(Fd connected) {
        kernel.attempt(SystemCall.WRITE, connected, data, of(length));
    }

    /** Reads one datagram from where the socket is connected; its length, or the errno as a negative number. */
    public long receiveFrom(Fd connected) {
        long received = kernel.attempt(SystemCall.READ, connected, data, of(LARGEST));
        length = (int) Math.max(received, 0);
        return received;
    }

    /** Sends what was received last to a peer, from the address where the peer's own arrived. */
    public void answer(Fd socket, Peer peer) {
        ByteBuffer bytes = header.bytes();
        bytes.put(MSGHDR + IOVEC, peer.name);
        bytes.putInt(NAME_LENGTH, SOCKADDR_IN6);
        int control = MSGHDR + IOVEC + SOCKADDR_IN6_SPACE;
        bytes.put(control, peer.pktinfo);
        bytes.putLong(control, PKTINFO_MESSAGE);
        bytes.putInt(control + 8, IPPROTO_IPV6);
        bytes.putInt(control + 12, IPV6_PKTINFO);
        bytes.putLong(CONTROL_LENGTH, PKTINFO_SPACE);
        bytes.putLong(MSGHDR + 8, length);
        kernel.attempt(SystemCall.SENDMSG, socket, header, of(SocketCalls.MSG_NOSIGNAL));
    }
}
