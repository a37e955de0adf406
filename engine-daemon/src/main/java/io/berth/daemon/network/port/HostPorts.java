package io.berth.daemon.network.port;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.NetworkException;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SocketCalls;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.kernel.SystemCallException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which of the host's ports are published, and a socket on each so that no other process of the host takes the same one
 * unnoticed: packets for it never reach that process. No packet reaches these sockets either, because the table redirects
 * it before; they only hold the place, and only while the daemon lives. After a kill the ports go on answering, and the
 * next daemon takes the places again ({@link #takeAgain}). One thread at a time.
 */
public final class HostPorts implements AutoCloseable {

    private static final String EPHEMERAL_RANGE = "/proc/sys/net/ipv4/ip_local_port_range";
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;

    private final Kernel kernel;
    private final SocketCalls sockets;
    private final Map<PublishedPort, Optional<Fd>> held = new HashMap<>();
    /** Where the search for any free port goes on, as in the reference: a port just released is not given out at once. */
    private int nextEphemeral;

    public HostPorts(Kernel kernel) {
        this.kernel = kernel;
        this.sockets = new SocketCalls(kernel);
    }

    /**
     * Takes the host ports for all bindings or none: those with a number first, so that none of them falls to one that may
     * have any.
     *
     * @param container the container's address, for the messages
     */
    public List<PublishedPort> take(List<PortBinding> bindings, IpAddress container) {
        List<PublishedPort> taken = new ArrayList<>();
        try {
            bindings.stream().sorted(Comparator.comparing(PortBinding::leavesThePortToUs))
                    .forEach(binding -> taken.add(
                            binding.leavesThePortToUs() ? takeAny(binding, container) : takeOf(binding, container)));
            return taken;
        } catch (RuntimeException failure) {
            release(taken);
            throw failure;
        }
    }

    /**
     * Keeps everybody else off for good: a socket that only is bound can be doubled by another one. Not before the table
     * redirects what arrives, because a client that comes in between is better refused than left waiting.
     */
    public void guard(List<PublishedPort> ports, IpAddress container) {
        for (PublishedPort port : ports) {
            try {
                if (port.protocol() != TransportProtocol.UDP) {
                    held.get(port).ifPresent(socket -> sockets.listen(socket, 1));
                }
            } catch (SystemCallException refusal) {
                throw cannotBind(port, container, refusal);
            }
        }
    }

    public void release(List<PublishedPort> ports) {
        for (PublishedPort port : ports) {
            Optional<Fd> socket = held.remove(port);
            if (socket != null) {
                socket.ifPresent(Fd::close);
            }
        }
    }

    /** Holds the place of a port that a running container has; false when another process has taken it meanwhile. */
    public boolean takeAgain(PublishedPort port, IpAddress container) {
        if (bind(port).isPresent()) {
            held.put(port, Optional.empty());
            return false;
        }
        try {
            guard(List.of(port), container);
            return true;
        } catch (NetworkException doubled) {
            return false;
        }
    }

    private PublishedPort takeOf(PortBinding binding, IpAddress container) {
        boolean single = binding.firstHostPort() == binding.lastHostPort();
        for (int number = binding.firstHostPort(); number <= binding.lastHostPort(); number++) {
            PublishedPort port = new PublishedPort(binding.protocol(), binding.containerPort(), binding.hostAddress(), number);
            if (held.keySet().stream().noneMatch(port::collidesWith)) {
                Optional<SystemCallException> refusal = bind(port);
                if (refusal.isEmpty()) {
                    return port;
                }
                if (single || refusal.get().errno() != Errno.EADDRINUSE) {
                    throw cannotBind(port, container, refusal.get());
                }
            } else if (single) {
                throw new NetworkException(NetworkException.Kind.CONFLICT,
                        "Bind for " + port.hostAddress() + ":" + number + " failed: port is already allocated");
            }
        }
        throw new NetworkException(NetworkException.Kind.CONFLICT, "all ports are allocated");
    }

    private PublishedPort takeAny(PortBinding binding, IpAddress container) {
        int[] range = ephemeralRange();
        int size = range[1] - range[0] + 1;
        int start = Math.clamp(nextEphemeral, range[0], range[1]);
        Set<Integer> skip = new HashSet<>();
        held.keySet().forEach(port -> skip.add(port.hostPort()));
        for (int i = 0; i < size; i++) {
            int number = range[0] + (start - range[0] + i) % size;
            PublishedPort port = new PublishedPort(binding.protocol(), binding.containerPort(), binding.hostAddress(), number);
            if (!skip.contains(number)) {
                Optional<SystemCallException> refusal = bind(port);
                if (refusal.isEmpty()) {
                    nextEphemeral = number + 1;
                    return port;
                }
                if (refusal.get().errno() != Errno.EADDRINUSE) {
                    throw cannotBind(port, container, refusal.get());
                }
            }
        }
        throw new NetworkException(NetworkException.Kind.CONFLICT, "all ports are allocated");
    }

    private static NetworkException cannotBind(PublishedPort port, IpAddress container, SystemCallException refusal) {
        return new NetworkException(NetworkException.Kind.CONFLICT, "failed to bind host port for " + port.hostAddress() + ":"
                + port.hostPort() + ":" + container + ":" + port.containerPort() + "/" + port.protocol() + ": "
                + refusal.errno().text(), refusal);
    }

    /** Binds and keeps the socket; the kernel's refusal otherwise. */
    private Optional<SystemCallException> bind(PublishedPort port) {
        Optional<Fd> created = socket(port.protocol());
        if (created.isPresent()) {
            Fd socket = created.get();
            try {
                if (port.protocol() == TransportProtocol.TCP) {
                    // or the last connections of a server that has just ended (TIME_WAIT) would be in the way
                    sockets.setOption(socket, SOL_SOCKET, SO_REUSEADDR, 1);
                }
                kernel.call(SystemCall.BIND, socket, address(port), Argument.of(16));
            } catch (SystemCallException refusal) {
                socket.close();
                return Optional.of(refusal);
            }
        }
        held.put(port, created);
        return Optional.empty();
    }

    /** Empty when the kernel has no sockets of this kind: then no other process of the host can have the port either. */
    private Optional<Fd> socket(TransportProtocol protocol) {
        int type = protocol == TransportProtocol.UDP ? SocketCalls.SOCK_DGRAM : SocketCalls.SOCK_STREAM;
        try {
            return Optional.of(sockets.socket(SocketCalls.AF_INET, type, protocol.number()));
        } catch (SystemCallException failure) {
            if (failure.errno() == Errno.EPROTONOSUPPORT || failure.errno() == Errno.ESOCKTNOSUPPORT) {
                return Optional.empty();
            }
            throw failure;
        }
    }

    /** struct sockaddr_in: family in the machine's byte order, port and address in the network's. */
    private static NativeBuffer address(PublishedPort port) {
        NativeBuffer address = NativeBuffer.allocate(16);
        address.bytes().putShort(0, (short) SocketCalls.AF_INET);
        address.bytes().order(ByteOrder.BIG_ENDIAN).putShort(2, (short) port.hostPort()).putInt(4, (int) port.hostAddress().low());
        return address;
    }

    private int[] ephemeralRange() {
        FileCalls files = new FileCalls(kernel);
        NativeBuffer text = NativeBuffer.allocate(64);
        // one read: files of numbers have nothing more to say to a second
        try (Fd file = files.open(EPHEMERAL_RANGE, FileCalls.O_RDONLY, 0)) {
            int length = files.read(file, text, 0, text.size());
            String[] ends = new String(text.copy(0, length), StandardCharsets.US_ASCII).strip().split("\\s+");
            return new int[] {Integer.parseInt(ends[0]), Integer.parseInt(ends[1])};
        }
    }

    @Override
    public void close() {
        release(List.copyOf(held.keySet()));
    }
}
