package io.berth.daemon.network.port;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.address.NetworkException;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.InetSockets;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SocketCalls;
import io.berth.linux.kernel.SystemCallException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Which of the host's ports are published, and a socket on each so that no other process of the host takes the same one
 * unnoticed: packets for it never reach that process. What the table redirects does not reach these sockets either; what it
 * cannot redirect does, and a {@link Relay} answers there. They hold the place while the daemon lives; after a kill the ports
 * go on answering, and the next daemon takes the places again ({@link #takeAgain}). One thread at a time.
 */
final class HostPorts implements AutoCloseable {

    private static final String EPHEMERAL_RANGE = "/proc/sys/net/ipv4/ip_local_port_range";
    private static final int BACKLOG = 128;

    private final Kernel kernel;
    private final InetSockets inet;
    private final SocketCalls sockets;
    private final Map<PublishedPort, Optional<Fd>> held = new LinkedHashMap<>();
    /** Where the search for any free port goes on, as in the reference: a port just released is not given out at once. */
    private int nextEphemeral;
    private boolean ipv6;
    private final boolean relays;

    /** @param relays whether a container without IPv6 is reached by IPv6 all the same */
    HostPorts(Kernel kernel, boolean relays) {
        this.relays = relays;
        this.kernel = kernel;
        this.inet = new InetSockets(kernel);
        this.sockets = new SocketCalls(kernel);
    }

    /**
     * Takes the host ports for all bindings or none: those with a number first, so that none of them falls to one that may
     * have any. A binding for an address of a family in which the container cannot be reached is passed over, as in the reference.
     */
    List<PublishedPort> take(List<PortBinding> bindings, PortTarget target) {
        List<PublishedPort> taken = new ArrayList<>();
        try {
            bindings.stream().sorted(Comparator.comparing(PortBinding::leavesThePortToUs))
                    .forEach(binding -> taken.addAll(take(binding, target)));
            return taken;
        } catch (RuntimeException failure) {
            release(taken);
            throw failure;
        }
    }

    /** The socket that holds a place; empty where the kernel has none of its kind. */
    Optional<Fd> socket(PublishedPort port) {
        return held.getOrDefault(port, Optional.empty());
    }

    /**
     * Keeps everybody else off for good: a socket that only is bound can be doubled by another one. Not before the table
     * redirects what arrives, because a client that comes in between is better refused than left waiting.
     */
    void guard(List<PublishedPort> ports, PortTarget target) {
        for (PublishedPort port : ports) {
            try {
                if (port.protocol() != TransportProtocol.UDP) {
                    socket(port).ifPresent(socket -> sockets.listen(socket, BACKLOG));
                }
            } catch (SystemCallException refusal) {
                throw cannotBind(port, target, refusal);
            }
        }
    }

    void release(List<PublishedPort> ports) {
        for (PublishedPort port : ports) {
            Optional<Fd> socket = held.remove(port);
            if (socket != null) {
                socket.ifPresent(Fd::close);
            }
        }
    }

    /** Holds the place of a port that a running container has; false when another process has taken it meanwhile. */
    boolean takeAgain(PublishedPort port, PortTarget target) {
        if (!port.isOnTheHost()) {
            return true;
        }
        if (bind(port).isPresent()) {
            held.put(port, Optional.empty());
            return false;
        }
        try {
            guard(List.of(port), target);
            return true;
        } catch (NetworkException doubled) {
            return false;
        }
    }

    private List<PublishedPort> take(PortBinding binding, PortTarget target) {
        List<PublishedPort> taken = new ArrayList<>();
        List<IpAddress> bound = new ArrayList<>();
        for (IpAddress address : addresses(binding, target)) {
            if (target.isRouted(address.family())) {
                taken.add(new PublishedPort(binding.protocol(), binding.containerPort(), address, 0));
            } else {
                bound.add(address);
            }
        }
        if (!bound.isEmpty()) {
            taken.addAll(binding.leavesThePortToUs() ? takeAny(binding, bound, target) : takeOf(binding, bound, target));
        }
        return taken;
    }

    private List<IpAddress> addresses(PortBinding binding, PortTarget target) {
        List<IpAddress> wanted = binding.hostAddress().map(List::of)
                .orElseGet(() -> hasIpv6() ? List.of(IpAddress.ANY, IpAddress.ANY_V6) : List.of(IpAddress.ANY));
        return wanted.stream().filter(address -> relays ? target.reachedBy(address.family()).isPresent() : target.of(address.family()).isPresent()).toList();
    }

    /** Whether the host could listen on IPv6 at all. Where it could not, somebody may switch it on. */
    private boolean hasIpv6() {
        if (!ipv6) {
            byte[] loopback = IpAddress.parse("::1").bytes();
            try (Fd probe = inet.socket(loopback, SocketCalls.SOCK_DGRAM, 0)) {
                inet.bind(probe, loopback, 0);
                ipv6 = true;
            } catch (SystemCallException none) {
                return false;
            }
        }
        return true;
    }

    private List<PublishedPort> takeOf(PortBinding binding, List<IpAddress> addresses, PortTarget target) {
        boolean single = binding.firstHostPort() == binding.lastHostPort();
        for (int number = binding.firstHostPort(); number <= binding.lastHostPort(); number++) {
            List<PublishedPort> ports = ports(binding, addresses, number);
            Optional<PublishedPort> collision = ports.stream().flatMap(port -> held.keySet().stream().filter(port::collidesWith)).findFirst();
            if (collision.isEmpty()) {
                if (bind(ports, target, single)) {
                    return ports;
                }
            } else if (single) {
                throw new NetworkException(NetworkException.Kind.CONFLICT,
                        "Bind for " + collision.get().hostAddress() + ":" + number + " failed: port is already allocated");
            }
        }
        throw new NetworkException(NetworkException.Kind.CONFLICT, "all ports are allocated");
    }

    /** The same number on all addresses. */
    private List<PublishedPort> takeAny(PortBinding binding, List<IpAddress> addresses, PortTarget target) {
        int[] range = ephemeralRange();
        int size = range[1] - range[0] + 1;
        int start = Math.clamp(nextEphemeral, range[0], range[1]);
        Set<Integer> skip = new HashSet<>();
        held.keySet().forEach(port -> skip.add(port.hostPort()));
        for (int number : IntStream.range(0, size).map(i -> range[0] + (start - range[0] + i) % size).toArray()) {
            List<PublishedPort> ports = ports(binding, addresses, number);
            if (!skip.contains(number) && bind(ports, target, false)) {
                nextEphemeral = number + 1;
                return ports;
            }
        }
        throw new NetworkException(NetworkException.Kind.CONFLICT, "all ports are allocated");
    }

    private static List<PublishedPort> ports(PortBinding binding, List<IpAddress> addresses, int number) {
        return addresses.stream().map(address -> new PublishedPort(binding.protocol(), binding.containerPort(), address, number)).toList();
    }

    /** Takes all of them; false when somebody else has one and there are others to try. */
    private boolean bind(List<PublishedPort> ports, PortTarget target, boolean last) {
        for (PublishedPort port : ports) {
            Optional<SystemCallException> refusal = bind(port);
            if (refusal.isPresent()) {
                release(ports);
                if (last || refusal.get().errno() != Errno.EADDRINUSE) {
                    throw cannotBind(port, target, refusal.get());
                }
                return false;
            }
        }
        return true;
    }

    private static NetworkException cannotBind(PublishedPort port, PortTarget target, SystemCallException refusal) {
        String container = target.reachedBy(port.hostAddress().family()).map(HostPorts::bracketed).orElse("");
        return new NetworkException(NetworkException.Kind.CONFLICT, "failed to bind host port for " + bracketed(port.hostAddress()) + ":"
                + port.hostPort() + ":" + container + ":" + port.containerPort() + "/" + port.protocol() + ": "
                + refusal.errno().text(), refusal);
    }

    private static String bracketed(IpAddress address) {
        return address.family() == IpFamily.V4 ? address.toString() : "[" + address + "]";
    }

    /** Binds and keeps the socket; the kernel's refusal otherwise. */
    private Optional<SystemCallException> bind(PublishedPort port) {
        Optional<Fd> created = open(port);
        if (created.isPresent()) {
            Fd socket = created.get();
            try {
                if (port.protocol() == TransportProtocol.TCP) {
                    inet.reuseAddress(socket);
                }
                inet.bind(socket, port.hostAddress().bytes(), port.hostPort());
            } catch (SystemCallException refusal) {
                socket.close();
                return Optional.of(refusal);
            }
        }
        held.put(port, created);
        return Optional.empty();
    }

    /** Empty when the kernel has no sockets of this kind: then no other process of the host can have the port either. */
    private Optional<Fd> open(PublishedPort port) {
        int type = port.protocol() == TransportProtocol.UDP ? SocketCalls.SOCK_DGRAM : SocketCalls.SOCK_STREAM;
        try {
            return Optional.of(inet.socket(port.hostAddress().bytes(), type, port.protocol().number()));
        } catch (SystemCallException failure) {
            if (failure.errno() == Errno.EPROTONOSUPPORT || failure.errno() == Errno.ESOCKTNOSUPPORT) {
                return Optional.empty();
            }
            throw failure;
        }
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
