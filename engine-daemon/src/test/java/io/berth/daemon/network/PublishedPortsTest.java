package io.berth.daemon.network;

import static io.berth.daemon.network.TestHost.ADDRESS;
import static io.berth.daemon.network.TestHost.OTHER_MACHINE;
import static io.berth.daemon.network.TestHost.address;
import static io.berth.daemon.network.TestHost.namespace;
import static io.berth.daemon.network.TestHost.tcp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.port.PortBinding;
import io.berth.daemon.network.port.PublishedPort;
import io.berth.daemon.network.port.TransportProtocol;
import io.berth.daemon.network.sandbox.Connection;
import io.berth.linux.kernel.Fd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Published ports on the real kernel, between machines that the test makes: what answers whom, and what does not. */
class PublishedPortsTest extends OnTwoMachines {

    private static final IpAddress LOOPBACK = IpAddress.parse("127.0.0.1");

    @Test
    void aPublishedPortAnswersFromEverywhereAndSeesWhoAsks() {
        Connection web = machine.connect(networks, "web", tcp(80, "0.0.0.0", 8080));
        Connection client = machine.connect(networks, "client");
        machine.serve(namespace(web), 80, "web");
        assertEquals("web 172.17.0.1", machine.ask(host, "127.0.0.1", 8080), "from the host by loopback");
        assertEquals("web " + ADDRESS, machine.ask(host, ADDRESS, 8080), "from the host by its own address");
        assertEquals("web 172.17.0.1", machine.ask(host, "172.17.0.1", 8080), "from the host by the bridge's address");
        assertEquals("web " + OTHER_MACHINE, machine.ask(otherMachine, ADDRESS, 8080), "from another machine");
        assertEquals("web 172.17.0.1", machine.ask(namespace(client), "172.17.0.1", 8080), "from another container");
        assertEquals("web 172.17.0.1", machine.ask(namespace(client), ADDRESS, 8080), "by the host's outer address");
        assertEquals("web 172.17.0.1", machine.ask(namespace(web), "172.17.0.1", 8080), "from itself");
    }

    @Test
    void aPortPublishedOnLoopbackAnswersTheHostAlone() {
        Connection web = machine.connect(networks, "web", tcp(80, "127.0.0.1", 8080));
        Connection client = machine.connect(networks, "client");
        machine.serve(namespace(web), 80, "web");
        assertEquals("web 172.17.0.1", machine.ask(host, "127.0.0.1", 8080));
        assertFalse(machine.answers(host, ADDRESS, 8080));
        assertFalse(machine.answers(otherMachine, ADDRESS, 8080));
        assertFalse(machine.answers(namespace(client), "172.17.0.1", 8080));
    }

    @Test
    void aPortPublishedOnOneAddressAnswersOnThatAlone() {
        Connection web = machine.connect(networks, "web", tcp(80, ADDRESS, 8080));
        machine.serve(namespace(web), 80, "web");
        assertEquals("web " + OTHER_MACHINE, machine.ask(otherMachine, ADDRESS, 8080));
        assertFalse(machine.answers(host, "127.0.0.1", 8080));
    }

    @Test
    void aPortPublishedOnLoopbackIsClosedToNeighboursThatAddressLoopback() throws IOException {
        Connection web = machine.connect(networks, "web", PortBinding.of(TransportProtocol.UDP, 53, LOOPBACK, 5353));
        sendLoopbackOut(otherMachine, ADDRESS);
        try (DatagramSocket server = machine.in(namespace(web), () -> new DatagramSocket(53));
                DatagramSocket own = machine.in(host, () -> new DatagramSocket());
                DatagramSocket neighbour = machine.in(otherMachine, () -> new DatagramSocket())) {
            assertTrue(arrives(own, 5353, server));
            assertFalse(arrives(neighbour, 5353, server));
        }
    }

    @Test
    void theHostsOwnLoopbackServersStayClosedToContainers() throws IOException {
        Connection client = machine.connect(networks, "client");
        // route_localnet, without which 127.0.0.1 could not be published, would take such packets in
        sendLoopbackOut(namespace(client), "172.17.0.1");
        try (DatagramSocket server = machine.in(host, () -> new DatagramSocket(8081, InetAddress.getByName("127.0.0.1")));
                DatagramSocket sender = machine.in(namespace(client), () -> new DatagramSocket())) {
            assertFalse(arrives(sender, 8081, server));
            machine.shell(host, "nft insert rule inet berth guard accept");
            assertTrue(arrives(sender, 8081, server), "it is the guard that keeps it closed");
        }
    }

    /** What root on a neighbour can do: packets for 127.0.0.1 leave the machine. */
    private void sendLoopbackOut(Fd namespace, String gateway) {
        machine.shell(namespace, "ip route del local 127.0.0.0/8 dev lo table local"
                + " && ip route del local 127.0.0.1 dev lo table local && ip route add 127.0.0.1 via " + gateway);
    }

    private static boolean arrives(DatagramSocket from, int port, DatagramSocket at) throws IOException {
        from.send(new DatagramPacket(new byte[1], 1, InetAddress.getByName("127.0.0.1"), port));
        at.setSoTimeout(300);
        try {
            at.receive(new DatagramPacket(new byte[1], 1));
            return true;
        } catch (SocketTimeoutException nothing) {
            return false;
        }
    }

    @Test
    void udpIsPublishedAndFollowsTheContainerThatHasThePort() throws IOException {
        PortBinding binding = PortBinding.of(TransportProtocol.UDP, 53, IpAddress.ANY, 5353);
        Connection first = machine.connect(networks, "first", binding);
        try (DatagramSocket client = machine.in(otherMachine, () -> new DatagramSocket(4000))) {
            assertEquals("one", exchange(client, namespace(first), "one"));
            assertEquals("172.17.0.2", address(first));
            networks.disconnect(first.sandbox());
            Connection filler = machine.connect(networks, "filler");
            Connection second = machine.connect(networks, "second", binding);
            assertNotEquals(address(filler), address(second));
            assertEquals("two", exchange(client, namespace(second), "two"), "the client's port is the same, the container is not");
        }
    }

    @Test
    void aUdpClientThatKnockedTooEarlyIsLetIn() throws IOException {
        // connections are remembered from the table's making on
        networks.prepare();
        try (DatagramSocket early = machine.in(otherMachine, () -> new DatagramSocket(4000))) {
            try (DatagramSocket former = machine.in(host, () -> new DatagramSocket(5353))) {
                former.setSoTimeout(2000);
                early.send(new DatagramPacket(new byte[1], 1, InetAddress.getByName(ADDRESS), 5353));
                former.receive(new DatagramPacket(new byte[1], 1));
            }
            Connection container = machine.connect(networks, "web", PortBinding.of(TransportProtocol.UDP, 53, IpAddress.ANY, 5353));
            // what follows a connection comes before the next request
            networks.prepare();
            assertEquals("now", exchange(early, namespace(container), "now"));
        }
    }

    /** Sends a datagram to the published port and takes it out of the container's socket. */
    private String exchange(DatagramSocket client, Fd container, String text) throws IOException {
        try (DatagramSocket server = machine.in(container, () -> new DatagramSocket(53))) {
            server.setSoTimeout(2000);
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            client.send(new DatagramPacket(bytes, bytes.length, InetAddress.getByName(ADDRESS), 5353));
            DatagramPacket packet = new DatagramPacket(new byte[100], 100);
            server.receive(packet);
            return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aPortThatAnotherContainerHasIsRefusedInTheReferencesWords() {
        machine.connect(networks, "one", tcp(80, "0.0.0.0", 8080));
        NetworkException failure = assertThrows(NetworkException.class, () -> machine.connect(networks, "two", tcp(80, "127.0.0.1", 8080)));
        assertEquals("Bind for 0.0.0.0:8080 failed: port is already allocated", failure.getMessage());
        assertEquals(NetworkException.Kind.CONFLICT, failure.kind());
        assertEquals("172.17.0.3", address(machine.connect(networks, "three")), "the refused container's address is free again");
    }

    @Test
    void aPortThatAnotherProcessHasIsRefusedInTheReferencesWords() throws IOException {
        try (ServerSocket other = machine.in(host, () -> new ServerSocket(8080))) {
            NetworkException failure = assertThrows(NetworkException.class,
                    () -> machine.connect(networks, "web", tcp(80, "0.0.0.0", other.getLocalPort())));
            assertEquals("failed to bind host port for 0.0.0.0:8080:172.17.0.2:80/tcp: address already in use", failure.getMessage());
        }
        NetworkException failure = assertThrows(NetworkException.class, () -> machine.connect(networks, "web", tcp(80, "10.9.9.9", 8080)));
        assertEquals("failed to bind host port for 10.9.9.9:8080:172.17.0.2:80/tcp: cannot assign requested address",
                failure.getMessage());
    }

    @Test
    void noOtherProcessTakesAPublishedPort() {
        Connection web = machine.connect(networks, "web", tcp(80, "0.0.0.0", 8080));
        assertThrows(UncheckedIOException.class, () -> machine.serve(host, 8080, "thief"));
        networks.disconnect(web.sandbox());
        machine.serve(host, 8080, "successor");
        assertEquals("successor 127.0.0.1", machine.ask(host, "127.0.0.1", 8080));
    }

    @Test
    void freePortsAreChosenFromTheKernelsRangeAndFromRanges() {
        Connection one = machine.connect(networks, "one", tcp(80, "0.0.0.0", 0), tcp(81, "127.0.0.1", 0), tcp(82, "0.0.0.0", 32768),
                new PortBinding(TransportProtocol.TCP, 90, Optional.of(IpAddress.ANY), 9000, 9001));
        assertEquals(List.of(32768, 9000, 32769, 32770), one.sandbox().ports().stream().map(PublishedPort::hostPort).toList());
        PortBinding range = new PortBinding(TransportProtocol.TCP, 90, Optional.of(IpAddress.ANY), 9000, 9001);
        assertEquals(9001, machine.connect(networks, "two", range).sandbox().ports().getFirst().hostPort());
        NetworkException failure = assertThrows(NetworkException.class, () -> machine.connect(networks, "three", range));
        assertEquals("all ports are allocated", failure.getMessage());
    }

    @Test
    void aPortCanBeWithdrawnThoughAnotherToolHasFlushedTheTables() {
        Connection web = machine.connect(networks, "web", tcp(80, "0.0.0.0", 8080), tcp(80, "127.0.0.1", 8081));
        machine.shell(host, "nft flush map inet berth by-port");
        networks.disconnect(web.sandbox());
        assertFalse(machine.tables().contains("172.17.0.2"), machine.tables());
        Connection next = machine.connect(networks, "next", tcp(80, "0.0.0.0", 8080));
        machine.shell(host, "nft flush ruleset");
        networks.disconnect(next.sandbox());
        assertEquals("172.17.0.2", address(machine.connect(networks, "last")));
    }
}
