package io.berth.daemon.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.port.PortBinding;
import io.berth.daemon.network.port.PublishedPort;
import io.berth.daemon.network.port.TransportProtocol;
import io.berth.linux.kernel.Fd;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the kernel cannot redirect is relayed: to {@code ::1}, to link-local addresses, and IPv6 to a container that has none. */
class RelayTest {

    private TestNetworks networks;

    @BeforeEach
    void makeNetworks() throws IOException {
        TestHost.needsRoot();
        networks = new TestNetworks();
        networks.network(new TestNetworks.Shape("a").ipv4Only());
        networks.container("a", "a1");
    }

    @AfterEach
    void dropNetworks() {
        if (networks != null) {
            networks.close();
        }
    }

    @Test
    void clientsOfIpv6ReachAContainerThatHasIpv4Only() {
        List<PublishedPort> ports = networks.publish("a1", PortBinding.everywhere(TransportProtocol.TCP, 80, 8080),
                PortBinding.everywhere(TransportProtocol.UDP, 80, 8080));
        assertEquals(List.of("0.0.0.0", "::", "0.0.0.0", "::"), ports.stream().map(port -> port.hostAddress().toString()).toList());
        String seen = "a1 " + networks.address(IpFamily.V4, "gateway-a");
        for (String protocol : List.of("tcp", "udp")) {
            assertEquals(Optional.of(seen), networks.ask("host", protocol, "::1", 8080, true), protocol + " from the host");
            assertEquals(Optional.of(seen), networks.ask("other", protocol, "fd99::1", 8080, true), protocol + " from another machine");
            assertEquals(Optional.of(seen), networks.ask("other", protocol, linkLocal(), 8080, true), protocol + " by a link-local address");
        }
        List<PublishedPort> loopback = networks.publish("a1", PortBinding.of(TransportProtocol.TCP, 80, IpAddress.parse("::1"), 8081));
        assertEquals(Optional.of(seen), networks.ask("host", "tcp", "::1", 8081, true));
        assertEquals(Optional.empty(), networks.ask("other", "tcp", "fd99::1", 8081, false));
        networks.turn(() -> networks.ports.withdraw(ports, networks.target("a1")));
        networks.turn(() -> networks.ports.withdraw(loopback, networks.target("a1")));
        assertEquals(Optional.empty(), networks.ask("host", "tcp", "::1", 8080, false));
        assertEquals(Optional.empty(), networks.ask("host", "udp", "::1", 8080, false));
    }

    /** The host's on the uplink, as the other machine has to write it. */
    private String linkLocal() {
        String address = networks.machine.shell(networks.namespace("host"), "ip -6 -o addr show dev uplink scope link | grep -o 'fe80[^/]*'").strip();
        String link = networks.machine.shell(networks.namespace("other"), "ip -o link show uplink | cut -d: -f1").strip();
        return address + "%" + link;
    }

    @Test
    void eachDirectionOfAConnectionEndsByItself() throws IOException {
        byte[] upload = random(3_000_000, 1);
        byte[] download = random(5_000_000, 2);
        Fd container = networks.namespace("a1");
        try (ServerSocket server = networks.machine.in(container, () -> new ServerSocket(90))) {
            CompletableFuture<byte[]> received = CompletableFuture.supplyAsync(() -> {
                try (Socket socket = server.accept()) {
                    byte[] all = socket.getInputStream().readAllBytes();
                    // the client has ended its side, and still listens
                    socket.getOutputStream().write(download);
                    return all;
                } catch (IOException failure) {
                    throw new IllegalStateException(failure);
                }
            });
            networks.publish("a1", PortBinding.everywhere(TransportProtocol.TCP, 90, 8090));
            try (Socket client = networks.machine.in(networks.namespace("host"), () -> new Socket("::1", 8090))) {
                client.getOutputStream().write(upload);
                client.shutdownOutput();
                assertArrayEquals(download, client.getInputStream().readAllBytes());
            }
            assertArrayEquals(upload, received.join());
        }
    }

    @Test
    void aConnectionThatTheContainerRefusesIsBrokenOff() {
        networks.publish("a1", PortBinding.everywhere(TransportProtocol.TCP, 4444, 8094));
        assertThrows(IOException.class, () -> {
            try (Socket client = networks.machine.in(networks.namespace("host"), () -> new Socket("::1", 8094))) {
                client.setSoTimeout(5000);
                if (client.getInputStream().read() < 0) {
                    throw new AssertionError("it looked like an end, and not like a refusal");
                }
            }
        });
    }

    @Test
    void theConnectionsOfAContainerThatIsGoneAreBrokenOff() throws IOException {
        Fd container = networks.namespace("a1");
        try (ServerSocket server = networks.machine.in(container, () -> new ServerSocket(90))) {
            List<PublishedPort> ports = networks.publish("a1", PortBinding.everywhere(TransportProtocol.TCP, 90, 8090));
            try (Socket client = networks.machine.in(networks.namespace("host"), () -> new Socket("::1", 8090));
                    Socket accepted = server.accept()) {
                accepted.getOutputStream().write(1);
                client.setSoTimeout(5000);
                assertEquals(1, client.getInputStream().read());
                networks.turn(() -> networks.ports.withdraw(ports, networks.target("a1")));
                assertThrows(SocketException.class, () -> client.getInputStream().read());
            }
        }
    }

    @Test
    void manyClientsAreRelayedAtOnce() throws IOException {
        networks.publish("a1", PortBinding.everywhere(TransportProtocol.TCP, 80, 8080));
        List<CompletableFuture<Optional<String>>> asked = IntStream.range(0, 50).mapToObj(i -> CompletableFuture
                .supplyAsync(() -> networks.ask("host", "tcp", "::1", 8080, true))).toList();
        asked.forEach(answer -> assertEquals("a1", answer.join().orElse("nothing").split(" ")[0]));
    }

    private static byte[] random(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
