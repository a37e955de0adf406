package io.berth.daemon.dns;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.MacAddress;
import io.berth.daemon.network.definition.Driver;
import io.berth.daemon.network.definition.EndpointId;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.definition.NetworkId;
import io.berth.daemon.network.sandbox.Endpoint;
import io.berth.daemon.network.sandbox.NameSettings;
import io.berth.daemon.network.sandbox.Place;
import io.berth.daemon.network.sandbox.Sandbox;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.namespace.NetworkNamespace;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * A host and containers that are network namespaces with a loopback, a resolver that runs on the host, and servers outside that answer as
 * a test says. What is kept survives the resolver as it survives a daemon.
 */
final class TestContainers implements AutoCloseable {

    static final String RESOLVER = "127.0.0.11";
    private static final int PATIENCE_MILLIS = 15_000;

    final Kernel kernel = new JnrKernel();
    final Keeper keeper = new Keeper();
    private final NetworkNamespace host = NetworkNamespace.create(kernel);
    private final Map<String, NetworkNamespace> namespaces = new HashMap<>();
    private final Map<NetworkId, NetworkDefinition> networks = new ConcurrentHashMap<>();
    private final Deque<Closeable> open = new ArrayDeque<>();
    private final AtomicInteger endpoints = new AtomicInteger();
    /** The servers of the host's resolv.conf. */
    volatile List<Upstream> hostServers = List.of();
    ContainerNames names = start();

    static void needsRoot() throws IOException {
        assumeTrue((Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0, "network namespaces need root");
    }

    /** Copies of sockets in this process. */
    final class Keeper implements SocketKeeper {

        private final Map<String, ResolverSockets> kept = new ConcurrentHashMap<>();

        @Override
        public void keep(String container, ResolverSockets sockets) {
            drop(container);
            kept.put(container, copy(sockets));
        }

        @Override
        public void drop(String container) {
            Optional.ofNullable(kept.remove(container)).ifPresent(ResolverSockets::close);
        }

        @Override
        public Optional<ResolverSockets> take(String container) {
            return Optional.ofNullable(kept.get(container)).map(this::copy);
        }

        @Override
        public List<String> containers() {
            return List.copyOf(kept.keySet());
        }

        private ResolverSockets copy(ResolverSockets sockets) {
            return ResolverSockets.of(sockets.descriptors().stream()
                    .map(new FileCalls(kernel)::duplicate).toList());
        }
    }

    private ContainerNames start() {
        return NetworkNamespace.inside(kernel, host.handle(), () ->
                new ContainerNames(kernel, id -> Optional.ofNullable(networks.get(id)), keeper, () -> hostServers));
    }

    /** The resolver ends as with a killed daemon: nobody is told. */
    void stopResolver() {
        names.close();
    }

    void startResolver() {
        names = start();
    }

    Endpoint endpoint(String network, String address, String... allNames) {
        return endpoint(network, false, address, allNames);
    }

    Endpoint endpoint(String network, boolean internal, String address, String... allNames) {
        NetworkId id = new NetworkId("%064x".formatted(network.hashCode() & 0xffff_ffffL));
        networks.computeIfAbsent(id, fresh -> new NetworkDefinition(fresh, network, Driver.BRIDGE, Instant.EPOCH, true, false, internal,
                false, false, Optional.empty(), List.of(), Optional.empty(), Map.of(), Map.of()));
        Place place = new Place("eth0", MacAddress.parse("02:00:00:00:00:01"),
                Optional.of(new Place.Assigned(IpAddress.parse(address), 24, Optional.empty())), Optional.empty(), List.of(), 0);
        return new Endpoint(new EndpointId("%064x".formatted(endpoints.incrementAndGet())), id, List.of(allNames), Optional.of(place));
    }

    Sandbox sandbox(String container, List<String> servers, Endpoint... connected) {
        return new Sandbox(container, List.of(connected), List.of(), Optional.of(new NameSettings(servers)));
    }

    /** A container starts on network {@code blue}, with the host's servers. */
    Sandbox start(String container, String address, String... allNames) {
        return start(sandbox(container, List.of(), endpoint("blue", address, allNames)));
    }

    Sandbox start(Sandbox sandbox) {
        names.opened(sandbox, namespace(sandbox.containerId()));
        return sandbox;
    }

    private Fd namespace(String container) {
        return namespaces.computeIfAbsent(container, fresh -> NetworkNamespace.create(kernel)).handle();
    }

    <T> T in(String container, Callable<T> work) {
        return inside(namespace(container), work);
    }

    private <T> T inside(Fd namespace, Callable<T> work) {
        return NetworkNamespace.inside(kernel, namespace, () -> {
            try {
                return work.call();
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            } catch (Exception failure) {
                throw new IllegalStateException(failure);
            }
        });
    }

    /** A socket in a container's namespace, connected with the resolver. */
    DatagramSocket client(String container) {
        return in(container, () -> {
            DatagramSocket socket = new DatagramSocket();
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.connect(InetAddress.getByName(RESOLVER), 53);
            open.push(socket);
            return socket;
        });
    }

    Socket tcpClient(String container) {
        return in(container, () -> {
            Socket socket = new Socket();
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.connect(new InetSocketAddress(RESOLVER, 53), PATIENCE_MILLIS);
            open.push(socket);
            return socket;
        });
    }

    Messages.Seen ask(String container, String name) {
        return ask(container, Messages.query(77, name, 1));
    }

    Messages.Seen ask(String container, byte[] query) {
        try (DatagramSocket socket = client(container)) {
            socket.send(new DatagramPacket(query, query.length));
            return Messages.see(receive(socket));
        } catch (IOException failure) {
            throw new UncheckedIOException("container " + container + " got no answer", failure);
        }
    }

    static byte[] receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[0xffff], 0xffff);
        socket.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    Messages.Seen askByTcp(String container, String name) {
        try (Socket socket = tcpClient(container)) {
            send(socket, Messages.query(78, name, 1));
            return Messages.see(receive(socket));
        } catch (IOException failure) {
            throw new UncheckedIOException("container " + container + " got no answer", failure);
        }
    }

    static void send(Socket socket, byte[] message) throws IOException {
        socket.getOutputStream().write(Frame.around(message));
    }

    static byte[] receive(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] message = new byte[in.readUnsignedShort()];
        in.readFully(message);
        return message;
    }

    /** A server on the host, asked by its containers; what it is asked is answered by {@code answers}, nothing with an empty answer. */
    Upstream hostServer(String address, UnaryOperator<byte[]> answers) {
        inside(host.handle(), () -> serve(address, answers));
        return new Upstream(IpAddress.parse(address), true);
    }

    /** A server in a container's own namespace. */
    void containerServer(String container, String address, UnaryOperator<byte[]> answers) {
        in(container, () -> serve(address, answers));
    }

    private Object serve(String address, UnaryOperator<byte[]> answers) throws IOException {
        DatagramSocket udp = new DatagramSocket(53, InetAddress.getByName(address));
        ServerSocket tcp = new ServerSocket(53, 50, InetAddress.getByName(address));
        open.push(udp);
        open.push(tcp);
        // No virtual threads: one that is started here can make a carrier thread, which would stay in this namespace for whoever comes next.
        Thread.ofPlatform().daemon().start(() -> serve(udp, answers));
        Thread.ofPlatform().daemon().start(() -> serve(tcp, answers));
        return this;
    }

    private static void serve(DatagramSocket udp, UnaryOperator<byte[]> answers) {
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(new byte[0xffff], 0xffff);
                udp.receive(packet);
                byte[] answer = answers.apply(Arrays.copyOf(packet.getData(), packet.getLength()));
                if (answer.length > 0) {
                    udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            }
        } catch (SocketException closed) {
            // the test is over
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void serve(ServerSocket tcp, UnaryOperator<byte[]> answers) {
        while (!tcp.isClosed()) {
            try (Socket socket = tcp.accept()) {
                send(socket, answers.apply(receive(socket)));
            } catch (IOException closed) {
                // the test is over, or the client has gone
                continue;
            }
        }
    }

    @Override
    public void close() throws IOException {
        names.close();
        keeper.containers().forEach(keeper::drop);
        for (Closeable one : open) {
            one.close();
        }
        namespaces.values().forEach(NetworkNamespace::close);
        host.close();
    }
}
