package io.berth.daemon.network;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.address.MacAddress;
import io.berth.daemon.network.definition.NetworkKind;
import io.berth.daemon.network.definition.NetworkNames;
import io.berth.daemon.network.port.PortBinding;
import io.berth.daemon.network.port.TransportProtocol;
import io.berth.daemon.network.sandbox.Connection;
import io.berth.daemon.network.sandbox.EndpointRequest;
import io.berth.daemon.network.sandbox.SandboxRequest;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.namespace.NetworkNamespace;
import io.berth.linux.netlink.RouteBatch;
import io.berth.linux.netlink.RouteReader;
import io.berth.store.durable.DiskFiles;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Two machines made of network namespaces, joined by a cable: the host at 10.99.0.1 on which the code under test runs, and
 * another at 10.99.0.2 that routes everything through it. Nothing of the real machine's network is touched.
 */
final class TestHost implements AutoCloseable {

    static final String ADDRESS = "10.99.0.1";
    static final String OTHER_MACHINE = "10.99.0.2";
    private static final int TIMEOUT_MILLIS = 2000;
    /** For what must not be reached: nothing answers at all. */
    private static final int PATIENCE_MILLIS = 300;

    final Kernel kernel = new JnrKernel();
    final NetworkNamespace host = NetworkNamespace.create(kernel);
    final NetworkNamespace otherMachine = NetworkNamespace.create(kernel);
    private final Deque<Closeable> open = new ArrayDeque<>();
    private final Map<String, Path> dataRoots = new HashMap<>();

    TestHost() {
        new RouteBatch().createVeth(new RouteBatch.VethPair("uplink", MacAddress.of(IpAddress.parse(ADDRESS)).bytes(), 0,
                "uplink", MacAddress.of(IpAddress.parse(OTHER_MACHINE)).bytes(), otherMachine.handle(), 1500)).send(host.routes());
        configure(host, ADDRESS);
        int index = configure(otherMachine, OTHER_MACHINE);
        new RouteBatch().addDefaultRoute(index, IpAddress.parse(ADDRESS).bytes()).send(otherMachine.routes());
    }

    static void needsRoot() throws IOException {
        assumeTrue((Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0, "network namespaces need root");
    }

    private static int configure(NetworkNamespace machine, String address) {
        int index = new RouteReader(machine.routes()).link("uplink").orElseThrow().index();
        new RouteBatch().addAddress(index, IpAddress.parse(address).bytes(), 24).setUp(index).send(machine.routes());
        return index;
    }

    /** An engine's networks on this host. */
    Networks networks(NetworkNames names) {
        return networks(names, NetworkSettings.DEFAULT, NameService.NONE);
    }

    /** One that has been there before finds its journal. */
    Networks networks(NetworkNames names, NetworkSettings settings, NameService resolver) {
        Networks networks = in(host.handle(), () -> Networks.open(kernel, names, new DiskFiles(), dataRoot(names), settings, resolver));
        open.push(networks::close);
        return networks;
    }

    private Path dataRoot(NetworkNames names) throws IOException {
        if (!dataRoots.containsKey(names.bridge())) {
            Path directory = Files.createTempDirectory("berth-networks");
            dataRoots.put(names.bridge(), directory);
            open.push(() -> {
                Files.deleteIfExists(directory.resolve("networks.journal"));
                Files.delete(directory);
            });
        }
        return dataRoots.get(names.bridge());
    }

    /** A container on the networks asked for; its namespace lives as long as this host. */
    Connection connect(Networks networks, String name, List<EndpointRequest> endpoints, PortBinding... ports) {
        Connection connection = networks.connect(new SandboxRequest(name, name, endpoints, List.of(ports), Optional.empty()));
        open.push(namespace(connection)::close);
        return connection;
    }

    /** Connects a container to the bridge; its namespace lives as long as this host. */
    Connection connect(Networks networks, String name, PortBinding... ports) {
        Connection connection = networks.connect(request(networks, NetworkKind.BRIDGE, name, List.of(ports)));
        open.push(namespace(connection)::close);
        return connection;
    }

    /** A container on one of the predefined networks. */
    static SandboxRequest request(Networks networks, NetworkKind network, String name, List<PortBinding> ports) {
        return new SandboxRequest(name, name, List.of(EndpointRequest.of(networks.predefined(network).id())), ports, Optional.empty());
    }

    /** Another descriptor of a namespace. */
    Fd again(Fd namespace) {
        return NetworkNamespace.inside(kernel, namespace, () -> NetworkNamespace.current(kernel));
    }

    static Fd namespace(Connection connection) {
        return connection.namespace().orElseThrow();
    }

    static String address(Connection connection) {
        return connection.sandbox().address(IpFamily.V4).orElseThrow().toString();
    }

    static PortBinding tcp(int containerPort, String hostAddress, int hostPort) {
        return PortBinding.of(TransportProtocol.TCP, containerPort, IpAddress.parse(hostAddress), hostPort);
    }

    /** Work on a thread inside a namespace; what it opens belongs there. */
    <T> T in(Fd namespace, Callable<T> work) {
        return NetworkNamespace.inside(kernel, namespace, () -> {
            try {
                return work.call();
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            } catch (RuntimeException failure) {
                throw failure;
            } catch (Exception failure) {
                throw new IllegalStateException(failure);
            }
        });
    }

    /** A server that answers every connection with its own name and the address the connection came from. */
    void serve(Fd namespace, int port, String name) {
        ServerSocket server = in(namespace, () -> {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName("0.0.0.0"), port));
            return socket;
        });
        open.push(server);
        Thread.ofPlatform().name("test-server-" + name).daemon().start(() -> answerAll(server, name));
    }

    private static void answerAll(ServerSocket server, String name) {
        while (!server.isClosed()) {
            try (Socket client = server.accept()) {
                String line = name + " " + client.getInetAddress().getHostAddress();
                client.getOutputStream().write(line.getBytes(StandardCharsets.UTF_8));
            } catch (SocketException closed) {
                return;
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
    }

    /** What the server at an address says to a client in a namespace. */
    String ask(Fd namespace, String address, int port) {
        return in(namespace, () -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(address, port), TIMEOUT_MILLIS);
                socket.setSoTimeout(TIMEOUT_MILLIS);
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            }
        });
    }

    boolean answers(Fd namespace, String address, int port) {
        return in(namespace, () -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(address, port), PATIENCE_MILLIS);
                return true;
            } catch (IOException refused) {
                return false;
            }
        });
    }

    List<String> links() {
        return new RouteReader(host.routes()).links().stream().map(RouteReader.Link::name).sorted().toList();
    }

    /** The tables as nft(8) shows them. */
    String tables() {
        return shell(host.handle(), "nft list ruleset");
    }

    /** What a hostile neighbour or an administrator would type; the output. */
    String shell(Fd namespace, String command) {
        return in(namespace, () -> {
            Process shell = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start();
            String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (shell.waitFor() != 0) {
                throw new IOException(command + ": " + output);
            }
            return output;
        });
    }

    /** Waits for what the kernel does in its own time. */
    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + 5_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited 5 s in vain until " + what);
            }
            LockSupport.parkNanos(500_000);
        }
    }

    @Override
    public void close() throws IOException {
        while (!open.isEmpty()) {
            open.pop().close();
        }
        otherMachine.close();
        host.close();
    }
}
