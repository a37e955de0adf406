package io.berth.daemon.dns;

import io.berth.daemon.network.address.IpAddress;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SocketCalls;
import java.nio.ByteOrder;

/** struct sockaddr_in and sockaddr_in6 (ip(7), ipv6(7)): the family in the machine's byte order, port and address in the network's. */
final class SocketAddress {

    static final int LONGEST = 28;
    private static final int V4_SIZE = 16;
    private static final int PORT_AT = 2;
    private static final int V4_AT = 4;
    private static final int V6_AT = 8;

    private SocketAddress() {
    }

    static int family(IpAddress address) {
        return address.isV4() ? SocketCalls.AF_INET : SocketCalls.AF_INET6;
    }

    static NativeBuffer of(IpAddress address, int port) {
        NativeBuffer buffer = NativeBuffer.allocate(address.isV4() ? V4_SIZE : LONGEST);
        buffer.bytes().putShort(0, (short) family(address));
        buffer.bytes().put(address.isV4() ? V4_AT : V6_AT, address.bytes());
        buffer.bytes().order(ByteOrder.BIG_ENDIAN).putShort(PORT_AT, (short) port);
        return buffer;
    }

    static int port(NativeBuffer address) {
        return (address.bytes().get(PORT_AT) & 0xff) << 8 | address.bytes().get(PORT_AT + 1) & 0xff;
    }
}
