package io.berth.daemon.network;

import static io.berth.daemon.network.TestHost.ADDRESS;
import static io.berth.daemon.network.TestHost.OTHER_MACHINE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.linux.kernel.Fd;
import io.berth.linux.netlink.RouteReader;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The bridge and its published ports on the real kernel, between machines that the test makes. */
class NetworksTest {

    private static final NetworkNames NAMES = NetworkNames.ofDefaultInstance();

    private static final Ipv4Address LOOPBACK = Ipv4Address.parse("127.0.0.1");

    private final Deque<Fd> namespaces = new ArrayDeque<>();
    private TestHost machine;
    private Networks networks;
    private Fd host;
    private Fd otherMachine;

    @BeforeEach
    void makeMachines() throws IOException {
        TestHost.needsRoot();
        machine = new TestHost();
        host = machine.host.handle();
        otherMachine = machine.otherMachine.handle();
        networks = machine.networks(NAMES);
    }

    @AfterEach
    void dropMachines() throws IOException {
        namespaces.forEach(Fd::close);
        if (machine != null) {
            machine.close();
        }
    }

    @Test
    void containersReachEachOtherTheirGatewayAndOtherMachines() {
        Connection web = connect(networks, "web");
        Connection client = connect(networks, "client");
        assertEquals("172.17.0.2", address(web));
        assertEquals("172.17.0.3", address(client));
        machine.serve(namespace(web), 80, "web");
        machine.serve(host, 81, "host");
        machine.serve(otherMachine, 82, "other");
        assertEquals("web 172.17.0.3", machine.ask(namespace(client), "172.17.0.2", 80));
        assertEquals("web 172.17.0.1", machine.ask(host, "172.17.0.2", 80));
        assertEquals("host 172.17.0.3", machine.ask(namespace(client), "172.17.0.1", 81));
        assertEquals("other " + ADDRESS, machine.ask(namespace(client), OTHER_MACHINE, 82), "masqueraded");
    }

    @Test
    void aPublishedPortAnswersFromEverywhereAndSeesWhoAsks() {
        Connection web = connect(networks, "web", tcp(80, "0.0.0.0", 8080));
        Connection client = connect(networks, "client");
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
        Connection web = connect(networks, "web", tcp(80, "127.0.0.1", 8080));
        Connection client = connect(networks, "client");
        machine.serve(namespace(web), 80, "web");
        assertEquals("web 172.17.0.1", machine.ask(host, "127.0.0.1", 8080));
        assertFalse(machine.answers(host, ADDRESS, 8080));
        assertFalse(machine.answers(otherMachine, ADDRESS, 8080));
        assertFalse(machine.answers(namespace(client), "172.17.0.1", 8080));
    }

    @Test
    void aPortPublishedOnOneAddressAnswersOnThatAlone() {
        Connection web = connect(networks, "web", tcp(80, ADDRESS, 8080));
        machine.serve(namespace(web), 80, "web");
        assertEquals("web " + OTHER_MACHINE, machine.ask(otherMachine, ADDRESS, 8080));
        assertFalse(machine.answers(host, "127.0.0.1", 8080));
    }

    @Test
    void aContainersAddressCannotBeReachedByRoutingToIt() {
        Connection web = connect(networks, "web", tcp(80, "0.0.0.0", 8080));
        machine.serve(namespace(web), 80, "web");
        assertTrue(machine.answers(host, "172.17.0.2", 80));
        assertFalse(machine.answers(otherMachine, "172.17.0.2", 80), "the other machine routes everything through the host");
    }

    @Test
    void aPortPublishedOnLoopbackIsClosedToNeighboursThatAddressLoopback() throws IOException {
        Connection web = connect(networks, "web", PortBinding.of(TransportProtocol.UDP, 53, LOOPBACK, 5353));
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
        Connection client = connect(networks, "client");
        // route_localnet, without which 127.0.0.1 could not be published, would take such packets in
        sendLoopbackOut(namespace(client), "172.17.0.1");
        try (DatagramSocket server = machine.in(host, () -> new DatagramSocket(8081, InetAddress.getByName("127.0.0.1")));
                DatagramSocket sender = machine.in(namespace(client), () -> new DatagramSocket())) {
            assertFalse(arrives(sender, 8081, server));
            machine.shell(host, "nft flush chain ip berth guard");
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
        PortBinding binding = PortBinding.of(TransportProtocol.UDP, 53, Ipv4Address.ANY, 5353);
        Connection first = connect(networks, "first", binding);
        try (DatagramSocket client = machine.in(otherMachine, () -> new DatagramSocket(4000))) {
            assertEquals("one", exchange(client, namespace(first), "one"));
            assertEquals("172.17.0.2", address(first));
            networks.disconnect(first.endpoint());
            Connection filler = connect(networks, "filler");
            Connection second = connect(networks, "second", binding);
            assertNotEquals(address(filler), address(second));
            assertEquals("two", exchange(client, namespace(second), "two"), "the client's port is the same, the container is not");
        }
    }

    @Test
    void aUdpClientThatKnockedTooEarlyIsLetIn() throws IOException {
        try (DatagramSocket early = machine.in(otherMachine, () -> new DatagramSocket(4000))) {
            try (DatagramSocket former = machine.in(host, () -> new DatagramSocket(5353))) {
                former.setSoTimeout(2000);
                early.send(new DatagramPacket(new byte[1], 1, InetAddress.getByName(ADDRESS), 5353));
                former.receive(new DatagramPacket(new byte[1], 1));
            }
            Connection container = connect(networks, "web", PortBinding.of(TransportProtocol.UDP, 53, Ipv4Address.ANY, 5353));
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
        connect(networks, "one", tcp(80, "0.0.0.0", 8080));
        NetworkException failure = assertThrows(NetworkException.class, () -> connect(networks, "two", tcp(80, "127.0.0.1", 8080)));
        assertEquals("Bind for 127.0.0.1:8080 failed: port is already allocated", failure.getMessage());
        assertEquals(NetworkException.Kind.CONFLICT, failure.kind());
        assertEquals("172.17.0.3", address(connect(networks, "three")), "the refused container's address is free again");
    }

    @Test
    void aPortThatAnotherProcessHasIsRefusedInTheReferencesWords() throws IOException {
        try (ServerSocket other = machine.in(host, () -> new ServerSocket(8080))) {
            NetworkException failure = assertThrows(NetworkException.class,
                    () -> connect(networks, "web", tcp(80, "0.0.0.0", other.getLocalPort())));
            assertEquals("failed to bind host port for 0.0.0.0:8080:172.17.0.2:80/tcp: address already in use", failure.getMessage());
        }
        NetworkException failure = assertThrows(NetworkException.class, () -> connect(networks, "web", tcp(80, "10.9.9.9", 8080)));
        assertEquals("failed to bind host port for 10.9.9.9:8080:172.17.0.2:80/tcp: cannot assign requested address",
                failure.getMessage());
    }

    @Test
    void noOtherProcessTakesAPublishedPort() {
        Connection web = connect(networks, "web", tcp(80, "0.0.0.0", 8080));
        assertThrows(java.io.UncheckedIOException.class, () -> machine.serve(host, 8080, "thief"));
        networks.disconnect(web.endpoint());
        machine.serve(host, 8080, "successor");
        assertEquals("successor 127.0.0.1", machine.ask(host, "127.0.0.1", 8080));
    }

    @Test
    void freePortsAreChosenFromTheKernelsRangeAndFromRanges() {
        Connection one = connect(networks, "one", tcp(80, "0.0.0.0", 0), tcp(81, "127.0.0.1", 0), tcp(82, "0.0.0.0", 32768),
                new PortBinding(TransportProtocol.TCP, 90, Ipv4Address.ANY, 9000, 9001));
        assertEquals(List.of(32768, 9000, 32769, 32770), one.endpoint().ports().stream().map(PublishedPort::hostPort).toList());
        PortBinding range = new PortBinding(TransportProtocol.TCP, 90, Ipv4Address.ANY, 9000, 9001);
        assertEquals(9001, connect(networks, "two", range).endpoint().ports().getFirst().hostPort());
        NetworkException failure = assertThrows(NetworkException.class, () -> connect(networks, "three", range));
        assertEquals("all ports are allocated", failure.getMessage());
    }

    @Test
    void twoInstancesStandSideBySide() {
        Networks second = machine.networks(NetworkNames.ofInstance("0badcafe"));
        Connection mine = connect(networks, "mine", tcp(80, "0.0.0.0", 8080));
        Connection theirs = connect(second, "theirs", tcp(80, "0.0.0.0", 8081));
        assertEquals("172.18.0.2", address(theirs));
        machine.serve(namespace(mine), 80, "mine");
        machine.serve(namespace(theirs), 80, "theirs");
        assertEquals("mine 172.17.0.1", machine.ask(host, "127.0.0.1", 8080));
        assertEquals("theirs 172.18.0.1", machine.ask(host, "127.0.0.1", 8081));
        assertEquals("theirs 172.18.0.1", machine.ask(namespace(mine), ADDRESS, 8081), "from one instance's container to the other's port");
        assertFalse(machine.answers(namespace(mine), "172.18.0.2", 80), "but not past the port");
        assertThrows(NetworkException.class, () -> connect(second, "thief", tcp(80, "0.0.0.0", 8080)));
        networks.removeAll();
        assertFalse(machine.answers(host, "127.0.0.1", 8080));
        assertEquals("theirs 172.18.0.1", machine.ask(host, "127.0.0.1", 8081));
        assertEquals("theirs " + OTHER_MACHINE, machine.ask(otherMachine, ADDRESS, 8081));
    }

    @Test
    void aSubnetThatTheHostRoutesToIsLeftAlone() {
        Networks first = machine.networks(NetworkNames.ofInstance("00000001"));
        first.prepare();
        networks.prepare();
        assertEquals("172.18.0.0/16", networks.network(NetworkKind.BRIDGE).range().orElseThrow().subnet().toString());
    }

    @Test
    void aRestartedDaemonTakesOverWhatLivesAndRemovesWhatIsDead() throws IOException {
        Connection live = connect(networks, "live", tcp(80, "0.0.0.0", 8080));
        Connection dead = connect(networks, "dead", tcp(80, "0.0.0.0", 8081), tcp(80, "127.0.0.1", 8082));
        machine.serve(namespace(live), 80, "live");
        machine.serve(namespace(dead), 80, "dead");
        assertEquals("dead " + OTHER_MACHINE, machine.ask(otherMachine, ADDRESS, 8081));
        try (ServerSocket server = machine.in(namespace(live), () -> new ServerSocket(7000));
                Socket client = machine.in(namespace(dead), () -> new Socket(InetAddress.getByName("172.17.0.2"), 7000));
                Socket accepted = server.accept()) {
            networks.close();
            assertEquals("live " + OTHER_MACHINE, machine.ask(otherMachine, ADDRESS, 8080), "while no daemon is there");
            networks = machine.networks(NAMES);
            assertEquals(List.of(), networks.reconcile(List.of(live.endpoint())));
            assertEquals("live " + OTHER_MACHINE, machine.ask(otherMachine, ADDRESS, 8080));
            assertEquals("live 172.17.0.1", machine.ask(host, "127.0.0.1", 8080));
            assertFalse(machine.answers(otherMachine, ADDRESS, 8081));
            assertFalse(machine.answers(host, "127.0.0.1", 8082));
            TestHost.await("the dead container's link is gone", () -> machine.links().size() == 4);
            assertTrue(machine.links().contains(NAMES.hostEnd(live.endpoint().id())));
            assertThrows(NetworkException.class, () -> connect(networks, "greedy", tcp(80, "0.0.0.0", 8080)));
            assertEquals("172.17.0.3", address(connect(networks, "next", tcp(80, "0.0.0.0", 8081))));
            assertTrue(client.isConnected() && accepted.isConnected());
        }
        networks.disconnect(live.endpoint());
        assertFalse(machine.answers(otherMachine, ADDRESS, 8080));
    }

    @Test
    void aPortTakenByAnotherProcessMeanwhileIsReportedAndStillAnswers() throws IOException {
        Connection live = connect(networks, "live", tcp(80, "0.0.0.0", 8080));
        machine.serve(namespace(live), 80, "live");
        networks.close();
        try (ServerSocket thief = machine.in(host, () -> new ServerSocket(8080))) {
            networks = machine.networks(NAMES);
            List<String> complaints = networks.reconcile(List.of(live.endpoint()));
            assertEquals(1, complaints.size());
            assertTrue(complaints.getFirst().startsWith("port " + thief.getLocalPort() + "/tcp is published, but another process"));
            assertEquals("live 172.17.0.1", machine.ask(host, "127.0.0.1", 8080));
        }
    }

    @Test
    void aConnectionLeftOpenThroughARestartGoesOn() throws IOException {
        Connection live = connect(networks, "live", tcp(7000, "0.0.0.0", 7000));
        try (ServerSocket server = machine.in(namespace(live), () -> new ServerSocket(7000));
                Socket client = machine.in(otherMachine, () -> new Socket(InetAddress.getByName(ADDRESS), 7000));
                Socket accepted = server.accept()) {
            networks.close();
            networks = machine.networks(NAMES);
            networks.reconcile(List.of(live.endpoint()));
            client.setSoTimeout(2000);
            accepted.getOutputStream().write(42);
            assertEquals(42, client.getInputStream().read());
        }
    }

    @Test
    void aLinkGoesWithItsNamespaceAndNobodyWaits() {
        Connection web = connect(networks, "web");
        String link = NAMES.hostEnd(web.endpoint().id());
        assertTrue(machine.links().contains(link));
        networks.disconnect(web.endpoint());
        namespace(web).close();
        TestHost.await("link " + link + " is gone", () -> !machine.links().contains(link));
    }

    @Test
    void anAddressGivenOnAtOnceIsReachedOnTheNewLink() {
        for (int i = 0; i < 20; i++) {
            Connection web = connect(networks, "web-" + i, tcp(80, "0.0.0.0", 8080));
            assertEquals("172.17.0.2", address(web));
            machine.serve(namespace(web), 80, "web-" + i);
            assertEquals("web-" + i + " " + OTHER_MACHINE, machine.ask(otherMachine, ADDRESS, 8080));
            networks.disconnect(web.endpoint());
            namespace(web).close();
        }
    }

    @Test
    void theNetworkNoneHasLoopbackAloneAndHostHasNoNamespace() {
        Connection none = networks.connect(new EndpointRequest(NetworkKind.NONE, "none", List.of(), Optional.empty()));
        namespaces.push(namespace(none));
        List<RouteReader.Link> links = machine.in(namespace(none), () -> {
            try (var routes = io.berth.linux.netlink.NetlinkSocket.route(machine.kernel)) {
                return new RouteReader(routes).links();
            }
        });
        assertEquals(List.of("lo"), links.stream().map(RouteReader.Link::name).toList());
        assertTrue(none.endpoint().place().isEmpty());
        Connection hosts = networks.connect(new EndpointRequest(NetworkKind.HOST, "host", List.of(), Optional.empty()));
        assertTrue(hosts.namespace().isEmpty());
        assertEquals(List.of("lo", "uplink"), machine.links(), "neither needs the bridge");
    }

    @Test
    void theMacIsTheOneAskedForOrMadeFromTheAddress() {
        MacAddress mac = MacAddress.parse("02:00:00:00:00:09");
        Connection asked = networks.connect(new EndpointRequest(NetworkKind.BRIDGE, "asked", List.of(), Optional.of(mac)));
        namespaces.push(namespace(asked));
        assertEquals(mac, asked.endpoint().place().orElseThrow().mac());
        assertEquals("02:42:ac:11:00:03", connect(networks, "made").endpoint().place().orElseThrow().mac().toString());
    }

    @Test
    void aPortCanBeWithdrawnThoughAnotherToolHasFlushedTheTables() {
        Connection web = connect(networks, "web", tcp(80, "0.0.0.0", 8080), tcp(80, "127.0.0.1", 8081));
        machine.shell(host, "nft flush map ip berth by-port");
        networks.disconnect(web.endpoint());
        assertFalse(machine.tables().contains("172.17.0.2"), machine.tables());
        Connection next = connect(networks, "next", tcp(80, "0.0.0.0", 8080));
        machine.shell(host, "nft flush ruleset");
        networks.disconnect(next.endpoint());
        assertEquals("172.17.0.2", address(connect(networks, "last")));
    }

    @Test
    void nothingIsLeftBehind() {
        Connection web = connect(networks, "web", tcp(80, "0.0.0.0", 8080));
        assertNotEquals("", machine.tables());
        networks.disconnect(web.endpoint());
        networks.removeAll();
        assertEquals(List.of("lo", "uplink"), machine.links());
        assertEquals("", machine.tables());
        assertEquals("172.17.0.2", address(connect(networks, "again")), "and all of it can be made again");
        networks.removeAll();
    }

    private Connection connect(Networks on, String name, PortBinding... ports) {
        Connection connection = on.connect(new EndpointRequest(NetworkKind.BRIDGE, name, Arrays.asList(ports), Optional.empty()));
        namespaces.push(namespace(connection));
        return connection;
    }

    private static PortBinding tcp(int containerPort, String hostAddress, int hostPort) {
        return PortBinding.of(TransportProtocol.TCP, containerPort, Ipv4Address.parse(hostAddress), hostPort);
    }

    private static Fd namespace(Connection connection) {
        return connection.namespace().orElseThrow();
    }

    private static String address(Connection connection) {
        return connection.endpoint().place().orElseThrow().address().toString();
    }
}
