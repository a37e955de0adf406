package io.berth.daemon.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.daemon.network.firewall.BridgeRules;
import io.berth.daemon.network.firewall.RuleTable;
import io.berth.daemon.network.port.PortBinding;
import io.berth.daemon.network.port.PortTarget;
import io.berth.daemon.network.port.PublishedPort;
import io.berth.daemon.network.port.TransportProtocol;
import io.berth.linux.kernel.Fd;
import io.berth.linux.netlink.NetlinkSocket;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The table beside other tools and the administrator, and what becomes of it when they remove it. */
class RulesTest {

    private TestNetworks networks;
    private TestHost machine;
    private Fd host;

    @BeforeEach
    void makeNetworks() throws IOException {
        TestHost.needsRoot();
        networks = new TestNetworks();
        machine = networks.machine;
        host = networks.namespace("host");
        networks.network(new TestNetworks.Shape("a"));
        networks.network(new TestNetworks.Shape("i").internal());
        networks.container("a", "a1");
        networks.publish("a1", PortBinding.everywhere(TransportProtocol.TCP, 80, 8080), PortBinding.everywhere(TransportProtocol.UDP, 80, 8080));
    }

    @AfterEach
    void dropNetworks() {
        if (networks != null) {
            networks.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"flush ruleset", "delete table inet berth", "flush table inet berth", "flush chain inet berth forward",
        "flush map inet berth by-port", "flush set inet berth bridges", "flush chain inet berth entering-br-a"})
    void whatAnotherToolRemovesIsBackAtOnce(String command) {
        String before = rules();
        machine.shell(host, "nft " + command);
        TestHost.await("the rules are back after " + command, () -> rules().equals(before));
        assertTrue(networks.ask("other", "tcp", TestHost.ADDRESS, 8080, true).isPresent());
    }

    /** As nft shows them, without the numbers that change. */
    private String rules() {
        return machine.tables().lines().filter(line -> !line.isBlank()).sorted().toList().toString();
    }

    @Test
    void aConnectionOutlivesAFlushOfTheRuleSet() throws IOException {
        try (ServerSocket server = machine.in(networks.namespace("a1"), () -> new ServerSocket(90))) {
            networks.publish("a1", PortBinding.everywhere(TransportProtocol.TCP, 90, 8090));
            try (Socket client = machine.in(networks.namespace("other"), () -> new Socket(TestHost.ADDRESS, 8090)); Socket accepted = server.accept()) {
                String before = rules();
                machine.shell(host, "nft flush ruleset");
                TestHost.await("the rules are back", () -> rules().equals(before));
                client.getOutputStream().write("still there".getBytes(StandardCharsets.UTF_8));
                client.shutdownOutput();
                assertEquals("still there", new String(accepted.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            }
        }
    }

    @Test
    void theAdministratorsChainIsAskedFirstAndNeverTouched() {
        String rule = "meta l4proto tcp ct original proto-dst 8080 ip saddr != 192.0.2.0/24 drop";
        machine.shell(host, "nft add rule inet berth administrator " + rule);
        assertEquals(Optional.empty(), networks.ask("other", "tcp", TestHost.ADDRESS, 8080, false));
        assertTrue(networks.ask("other", "udp", TestHost.ADDRESS, 8080, true).isPresent());
        machine.shell(host, "nft flush chain inet berth forward");
        TestHost.await("the rules are back", () -> machine.tables().contains("jump administrator"));
        networks.network(new TestNetworks.Shape("b"));
        networks.turn(() -> networks.table.close("br-b"));
        assertTrue(machine.tables().contains(rule), machine.tables());
        assertEquals(Optional.empty(), networks.ask("other", "tcp", TestHost.ADDRESS, 8080, false), "dropped before, dropped now");
        networks.turn(networks.table::remove);
        assertTrue(machine.tables().contains(rule), "even when the last network goes: " + machine.tables());
        assertFalse(machine.tables().contains("entering"), machine.tables());
        machine.shell(host, "nft flush chain inet berth administrator");
        networks.turn(networks.table::remove);
        assertEquals("", machine.tables().strip());
    }

    @Test
    void rulesThatTheAdministratorLoadedBeforeTheDaemonStay() {
        networks.turn(networks.table::remove);
        machine.shell(host, "nft 'add table inet berth; add chain inet berth administrator; add rule inet berth administrator tcp dport 80 drop'");
        networks.network(new TestNetworks.Shape("b"));
        networks.container("b", "b1");
        networks.publish("b1", PortBinding.everywhere(TransportProtocol.TCP, 80, 8081), PortBinding.everywhere(TransportProtocol.TCP, 81, 8082));
        assertEquals(Optional.empty(), networks.ask("other", "tcp", TestHost.ADDRESS, 8081, false));
        assertTrue(networks.ask("other", "tcp", TestHost.ADDRESS, 8082, true).isPresent());
    }

    @Test
    void aNewDaemonMakesTheTableRightAndTakesTheEarlierVersionsAway() {
        networks.endDaemon();
        machine.shell(host, "nft 'add table ip berth; add chain ip berth forward { type filter hook forward priority 0; }; add rule ip berth forward drop'"
                + " && nft add chain inet berth entering-br-gone && nft add element inet berth entering '{ \"br-gone\" : jump entering-br-gone }'"
                + " && nft add element inet berth by-port '{ tcp . 9999 : 172.18.0.9 . 80 }'");
        RuleTable next = new RuleTable(machine.in(host, () -> NetlinkSocket.netfilter(machine.kernel)), "berth");
        next.openOnly(List.of(networks.rules("a"), networks.rules("i")));
        assertTrue(machine.tables().contains("table ip berth"), "not before the ports are known too");
        next.publishOnly(List.of());
        assertFalse(machine.tables().contains("table ip berth"), machine.tables());
        assertFalse(machine.tables().contains("br-gone"), machine.tables());
        assertFalse(machine.tables().contains("9999"), machine.tables());
        assertFalse(machine.tables().contains(". 8080"), machine.tables());
        assertTrue(machine.tables().contains("entering-br-i"), machine.tables());
    }

    @Test
    void aSourceAddressCanBeChosen() {
        machine.shell(host, "ip addr add 10.99.0.7/24 dev uplink");
        networks.serve("other", "::", 90);
        networks.network(new TestNetworks.Shape("s").as("10.99.0.7"));
        networks.container("s", "s1");
        assertEquals(Optional.of("other 10.99.0.7"), networks.ask("s1", "tcp", TestHost.OTHER_MACHINE, 90, true));
        assertEquals(Optional.of("other fd99::1"), networks.ask("s1", "tcp", "fd99::2", 90, true));
    }

    @Test
    void aUdpClientOfIpv6FollowsThePortToTheNextContainer() throws IOException {
        networks.container("a", "a2");
        PortBinding binding = PortBinding.everywhere(TransportProtocol.UDP, 80, 5353);
        List<PublishedPort> first = networks.publish("a1", binding);
        try (DatagramSocket client = machine.in(networks.namespace("other"), () -> new DatagramSocket(4000))) {
            assertEquals("a1", answer(client));
            networks.turn(() -> networks.ports.withdraw(first, networks.target("a1")));
            networks.publish("a2", binding);
            assertEquals("a2", answer(client), "its port is the same, the container is not");
        }
    }

    private static String answer(DatagramSocket client) throws IOException {
        client.setSoTimeout(5000);
        client.send(new DatagramPacket(new byte[1], 1, new InetSocketAddress("fd99::1", 5353)));
        DatagramPacket packet = new DatagramPacket(new byte[100], 100);
        client.receive(packet);
        return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8).split(" ")[0];
    }

    @Test
    void portsMoveToAnotherEndpointAndKeepTheirNumbers() {
        networks.network(new TestNetworks.Shape("b"));
        networks.container("b", "b1");
        List<PortBinding> bindings = List.of(PortBinding.everywhere(TransportProtocol.TCP, 80, 0), PortBinding.everywhere(TransportProtocol.TCP, 81, 0));
        List<PublishedPort> before = networks.publish("a1", bindings.toArray(PortBinding[]::new));
        List<PublishedPort> after = networks.turn(() -> networks.ports.move(before, bindings, networks.target("a1"), networks.target("b1")));
        assertEquals(before, after);
        assertEquals("b1", networks.ask("other", "tcp", TestHost.ADDRESS, after.getFirst().hostPort(), true).orElse("nothing").split(" ")[0]);
        assertEquals(List.of(), networks.turn(() -> networks.ports.move(after, bindings, networks.target("b1"), PortTarget.NOWHERE)));
        assertEquals(Optional.empty(), networks.ask("other", "tcp", TestHost.ADDRESS, after.getFirst().hostPort(), false));
    }

    @Test
    void hundredsOfPortsAndNetworksAreRestoredTogether() {
        for (int i = 0; i < 500; i++) {
            networks.publish("a1", PortBinding.everywhere(TransportProtocol.TCP, 80, 10000 + i));
            BridgeRules more = new BridgeRules("br-x" + i, networks.rules("a").ipv4(), networks.rules("a").ipv6(), i % 2 == 0, true, List.of());
            networks.turn(() -> networks.table.open(more));
        }
        String before = rules();
        machine.shell(host, "nft flush ruleset");
        TestHost.await("the rules are back", () -> rules().equals(before));
        assertTrue(networks.ask("other", "tcp", TestHost.ADDRESS, 10499, true).isPresent());
    }
}
