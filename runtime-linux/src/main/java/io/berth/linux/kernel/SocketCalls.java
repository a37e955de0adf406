package io.berth.linux.kernel;

import static io.berth.linux.kernel.Argument.NULL;
import static io.berth.linux.kernel.Argument.of;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Unix and netlink sockets: socket(2), unix(7), recvmsg(2), and descriptors sent with SCM_RIGHTS. */
public final class SocketCalls {

    // sys/socket.h
    public static final int AF_UNIX = 1;
    public static final int AF_INET = 2;
    public static final int AF_NETLINK = 16;
    public static final int SOCK_STREAM = 1;
    public static final int SOCK_DGRAM = 2;
    public static final int SOCK_RAW = 3;
    public static final int SOCK_SEQPACKET = 5;
    public static final int SOCK_CLOEXEC = 0x80000;
    public static final int SOCK_NONBLOCK = 0x800;
    public static final int MSG_NOSIGNAL = 0x4000;
    public static final int MSG_DONTWAIT = 0x40;
    public static final int SHUT_RD = 0;
    public static final int SHUT_WR = 1;
    private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_PEERCRED = 17;
    private static final int SCM_RIGHTS = 1;
    /** SCM_MAX_FD of net/scm.h. */
    public static final int MOST_DESCRIPTORS = 253;

    // struct msghdr and struct cmsghdr on 64-bit machines
    private static final int MSGHDR_SIZE = 56;
    private static final int MSG_IOV = 16;
    private static final int MSG_IOVLEN = 24;
    private static final int MSG_CONTROL = 32;
    private static final int MSG_CONTROLLEN = 40;
    private static final int CMSG_HEADER = 16;

    private final Kernel kernel;

    public SocketCalls(Kernel kernel) {
        this.kernel = kernel;
    }

    /** socket(2); the descriptor closes on exec. */
    public Fd socket(int family, int type, int protocol) {
        return kernel.open(SystemCall.SOCKET, of(family), of(type | SOCK_CLOEXEC), of(protocol));
    }

    /** Two connected Unix sockets. */
    public FileCalls.Pipe pair(int type) {
        NativeBuffer ends = NativeBuffer.allocate(8);
        kernel.call(SystemCall.SOCKETPAIR, of(AF_UNIX), of(type | SOCK_CLOEXEC), NULL, ends);
        return new FileCalls.Pipe(new Fd(kernel, ends.bytes().getInt(0)), new Fd(kernel, ends.bytes().getInt(4)));
    }

    public void bindUnix(Fd socket, String path) {
        NativeBuffer address = unixAddress(path);
        kernel.call(SystemCall.BIND, socket, address, of(address.size()));
    }

    public void connectUnix(Fd socket, String path) {
        NativeBuffer address = unixAddress(path);
        kernel.retry(SystemCall.CONNECT, socket, address, of(address.size()));
    }

    public void listen(Fd socket, int backlog) {
        kernel.call(SystemCall.LISTEN, socket, of(backlog));
    }

    public Fd accept(Fd socket) {
        return kernel.open(SystemCall.ACCEPT4, socket, NULL, NULL, of(SOCK_CLOEXEC));
    }

    /** The user id of the process at the other end (SO_PEERCRED: struct ucred is pid, uid, gid). */
    public int peerUid(Fd socket) {
        NativeBuffer credentials = NativeBuffer.allocate(12);
        NativeBuffer length = NativeBuffer.allocate(4);
        length.bytes().putInt(0, 12);
        kernel.call(SystemCall.GETSOCKOPT, socket, of(SOL_SOCKET), of(SO_PEERCRED), credentials, length);
        return credentials.bytes().getInt(4);
    }

    public void setOption(Fd socket, int level, int option, int value) {
        NativeBuffer buffer = NativeBuffer.allocate(4);
        buffer.bytes().putInt(0, value);
        kernel.call(SystemCall.SETSOCKOPT, socket, of(level), of(option), buffer, of(4));
    }

    public void shutdown(Fd socket, int how) {
        kernel.call(SystemCall.SHUTDOWN, socket, of(how));
    }

    /**
     * Sends the first {@code length} bytes of {@code data} together with copies of the descriptors; the sender still owns
     * its own. The number of bytes taken, which may be fewer; the descriptors go with the first byte.
     */
    public int send(Fd socket, NativeBuffer data, int length, List<Fd> descriptors, int flags) {
        NativeBuffer message = message(data, length, descriptors.isEmpty() ? 0 : descriptors.size());
        ByteBuffer bytes = message.bytes();
        if (!descriptors.isEmpty()) {
            int control = MSGHDR_SIZE + 16;
            bytes.putLong(control, CMSG_HEADER + 4L * descriptors.size());
            bytes.putInt(control + 8, SOL_SOCKET);
            bytes.putInt(control + 12, SCM_RIGHTS);
            for (int i = 0; i < descriptors.size(); i++) {
                bytes.putInt(control + CMSG_HEADER + 4 * i, descriptors.get(i).number());
            }
        }
        int sent = (int) kernel.retry(SystemCall.SENDMSG, socket, message, of(flags | MSG_NOSIGNAL));
        java.lang.ref.Reference.reachabilityFence(data);
        return sent;
    }

    /** What one recvmsg brought: bytes in the caller's buffer (0 at the end of the stream) and descriptors it now owns. */
    public record Received(int length, List<Fd> descriptors) {
    }

    /** Receives at most {@code length} bytes into {@code data} from {@code offset} on, and the descriptors with them. */
    public Received receive(Fd socket, NativeBuffer data, int offset, int length, int flags) {
        NativeBuffer message = message(data, offset, length, MOST_DESCRIPTORS);
        int received = (int) kernel.retry(SystemCall.RECVMSG, socket, message, of(flags | MSG_CMSG_CLOEXEC));
        java.lang.ref.Reference.reachabilityFence(data);
        ByteBuffer bytes = message.bytes();
        List<Fd> descriptors = new ArrayList<>();
        int control = MSGHDR_SIZE + 16;
        long controlLength = bytes.getLong(MSG_CONTROLLEN);
        if (controlLength >= CMSG_HEADER && bytes.getInt(control + 8) == SOL_SOCKET && bytes.getInt(control + 12) == SCM_RIGHTS) {
            int count = (int) (bytes.getLong(control) - CMSG_HEADER) / 4;
            for (int i = 0; i < count; i++) {
                descriptors.add(new Fd(kernel, bytes.getInt(control + CMSG_HEADER + 4 * i)));
            }
        }
        return new Received(received, List.copyOf(descriptors));
    }

    private static NativeBuffer message(NativeBuffer data, int length, int descriptors) {
        return message(data, 0, length, descriptors);
    }

    /** msghdr, one iovec behind it, then room for one SCM_RIGHTS message. */
    private static NativeBuffer message(NativeBuffer data, int offset, int length, int descriptors) {
        int control = descriptors == 0 ? 0 : CMSG_HEADER + ((4 * descriptors + 7) & ~7);
        NativeBuffer message = NativeBuffer.allocate(MSGHDR_SIZE + 16 + control);
        ByteBuffer bytes = message.bytes();
        bytes.putLong(MSG_IOV, message.address() + MSGHDR_SIZE);
        bytes.putLong(MSG_IOVLEN, 1);
        bytes.putLong(MSGHDR_SIZE, data.address() + offset);
        bytes.putLong(MSGHDR_SIZE + 8, length);
        if (control > 0) {
            bytes.putLong(MSG_CONTROL, message.address() + MSGHDR_SIZE + 16);
            bytes.putLong(MSG_CONTROLLEN, control);
        }
        return message;
    }

    private static NativeBuffer unixAddress(String path) {
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        if (name.length > 107) {
            throw new IllegalArgumentException("a socket's path has at most 107 bytes (unix(7)): " + path);
        }
        NativeBuffer address = NativeBuffer.allocate(2 + name.length + 1);
        address.bytes().putShort(0, (short) AF_UNIX);
        address.bytes().put(2, name);
        return address;
    }
}
