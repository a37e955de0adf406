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

import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.address.MacAddress;
import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.definition.NetworkKind;
import io.berth.daemon.network.definition.NetworkNames;
import io.berth.daemon.network.definition.NetworkRequest;
import io.berth.daemon.network.sandbox.Connection;
import io.berth.daemon.network.sandbox.EndpointRequest;
import io.berth.daemon.network.sandbox.SandboxRequest;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.netlink.NetlinkSocket;
import io.berth.linux.netlink.RouteBatch;
import io.berth.linux.netlink.RouteReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Containers' connections on the real kernel, between machines that the test makes. */
class NetworksTest extends OnTwoMachines {

    /** sys/file.h */
    private static final int LOCK_EX = 2;

    @Test
    void containersReachEachOtherTheirGatewayAndOtherMachines() {
        Connection web = machine.connect(networks, "web");
        Connection client = machine.connect(networks, "client");
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
    void aContainersAddressCannotBeReachedByRoutingToIt() {
        Connection web = machine.connect(networks, "web", tcp(80, "0.0.0.0", 8080));
        machine.serve(namespace(web), 80, "web");
        assertTrue(machine.answers(host, "172.17.0.2", 80));
        assertFalse(machine.answers(otherMachine, "172.17.0.2", 80), "the other machine routes everything through the host");
    }

    @Test
    void twoInstancesStandSideBySide() {
        Networks second = machine.networks(NetworkNames.ofInstance("0badcafe"));
        Connection mine = machine.connect(networks, "mine", tcp(80, "0.0.0.0", 8080));
        Connection theirs = machine.connect(second, "theirs", tcp(80, "0.0.0.0", 8081));
        assertEquals("172.18.0.2", address(theirs));
        machine.serve(namespace(mine), 80, "mine");
        machine.serve(namespace(theirs), 80, "theirs");
        assertEquals("mine 172.17.0.1", machine.ask(host, "127.0.0.1", 8080));
        assertEquals("theirs 172.18.0.1", machine.ask(host, "127.0.0.1", 8081));
        assertEquals("theirs 172.18.0.1", machine.ask(namespace(mine), ADDRESS, 8081), "from one instance's container to the other's port");
        assertFalse(machine.answers(namespace(mine), "172.18.0.2", 80), "but not past the port");
        assertThrows(NetworkException.class, () -> machine.connect(second, "thief", tcp(80, "0.0.0.0", 8080)));
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
        assertEquals("172.18.0.0/16", networks.predefined(NetworkKind.BRIDGE).range(IpFamily.V4).orElseThrow().subnet().toString());
    }

    @Test
    @Timeout(30)
    void whoeverLocksTheHostsNamespaceHoldsNobodyUp() {
        try (Fd locked = machine.again(host)) {
            machine.kernel.call(SystemCall.FLOCK, locked, Argument.of(LOCK_EX));
            assertEquals("mine", networks.create(NetworkRequest.bridge("mine")).name());
            assertEquals("172.18.0.2", address(machine.connect(networks, "web")));
        }
    }

    @Test
    void instancesThatStartAtOnceTakeDifferentSubnets() {
        List<Networks> all = IntStream.range(0, 4).mapToObj(i -> machine.networks(NetworkNames.ofInstance("0000000" + i))).toList();
        CompletableFuture.allOf(all.stream().map(one -> CompletableFuture.runAsync(one::prepare, Thread.ofPlatform()::start))
                .toArray(CompletableFuture[]::new)).join();
        assertEquals(4, all.stream().map(one -> one.predefined(NetworkKind.BRIDGE).range(IpFamily.V4).orElseThrow().subnet()).distinct().count());
    }

    @Test
    void aBridgeLeftHalfMadeByAKilledDaemonIsMadeAgain() {
        new RouteBatch().createBridge(NAMES.bridge(), MacAddress.parse("02:00:00:00:00:01").bytes(), 1500).send(machine.host.routes());
        Connection web = machine.connect(networks, "web");
        machine.serve(namespace(web), 80, "web");
        assertEquals("web 172.17.0.1", machine.ask(host, address(web), 80));
    }

    @Test
    void whatTheKernelRefusesSaysWhatWasAttempted() {
        Connection first = machine.connect(networks, "first");
        EndpointRequest nobody = first.sandbox().endpoints().stream().map(endpoint -> EndpointRequest.of(endpoint.network())
                .withMac(Optional.of(MacAddress.parse("00:00:00:00:00:00")))).findFirst().orElseThrow();
        NetworkException failure = assertThrows(NetworkException.class, () -> machine.connect(networks, "second", List.of(nobody)));
        assertEquals(NetworkException.Kind.UNAVAILABLE, failure.kind());
        assertTrue(failure.getMessage().startsWith("cannot connect container second to network bridge: create link " + NAMES.hostEndPrefix()),
                failure.getMessage());
        networks.disconnect(first.sandbox());
    }

    @Test
    void aRestartedDaemonTakesOverWhatLivesAndRemovesWhatIsDead() throws IOException {
        Connection live = machine.connect(networks, "live", tcp(80, "0.0.0.0", 8080));
        Connection dead = machine.connect(networks, "dead", tcp(80, "0.0.0.0", 8081), tcp(80, "127.0.0.1", 8082));
        machine.serve(namespace(live), 80, "live");
        machine.serve(namespace(dead), 80, "dead");
        assertEquals("dead " + OTHER_MACHINE, machine.ask(otherMachine, ADDRESS, 8081));
        try (ServerSocket server = machine.in(namespace(live), () -> new ServerSocket(7000));
                Socket client = machine.in(namespace(dead), () -> new Socket(InetAddress.getByName("172.17.0.2"), 7000));
                Socket accepted = server.accept()) {
            networks.close();
            assertEquals("live " + OTHER_MACHINE, machine.ask(otherMachine, ADDRESS, 8080), "while no daemon is there");
            networks = machine.networks(NAMES);
            assertEquals(List.of(), networks.reconcile(List.of(live.sandbox())));
            assertEquals("live " + OTHER_MACHINE, machine.ask(otherMachine, ADDRESS, 8080));
            assertEquals("live 172.17.0.1", machine.ask(host, "127.0.0.1", 8080));
            assertFalse(machine.answers(otherMachine, ADDRESS, 8081));
            assertFalse(machine.answers(host, "127.0.0.1", 8082));
            TestHost.await("the dead container's link is gone", () -> machine.links().size() == 4);
            assertTrue(machine.links().contains(NAMES.hostEnd(live.sandbox().endpoints().getFirst().id())));
            assertThrows(NetworkException.class, () -> machine.connect(networks, "greedy", tcp(80, "0.0.0.0", 8080)));
            assertEquals("172.17.0.3", address(machine.connect(networks, "next", tcp(80, "0.0.0.0", 8081))));
            assertTrue(client.isConnected() && accepted.isConnected());
        }
        networks.disconnect(live.sandbox());
        assertFalse(machine.answers(otherMachine, ADDRESS, 8080));
    }

    @Test
    void aPortTakenByAnotherProcessMeanwhileIsReportedAndStillAnswers() throws IOException {
        Connection live = machine.connect(networks, "live", tcp(80, "0.0.0.0", 8080));
        machine.serve(namespace(live), 80, "live");
        networks.close();
        try (ServerSocket thief = machine.in(host, () -> new ServerSocket(8080))) {
            networks = machine.networks(NAMES);
            List<String> complaints = networks.reconcile(List.of(live.sandbox()));
            assertEquals(1, complaints.size());
            assertTrue(complaints.getFirst().startsWith("port " + thief.getLocalPort() + "/tcp is published, but cannot be held on the host"));
            assertEquals("live 172.17.0.1", machine.ask(host, "127.0.0.1", 8080));
        }
    }

    @Test
    void aConnectionLeftOpenThroughARestartGoesOn() throws IOException {
        Connection live = machine.connect(networks, "live", tcp(7000, "0.0.0.0", 7000));
        try (ServerSocket server = machine.in(namespace(live), () -> new ServerSocket(7000));
                Socket client = machine.in(otherMachine, () -> new Socket(InetAddress.getByName(ADDRESS), 7000));
                Socket accepted = server.accept()) {
            networks.close();
            networks = machine.networks(NAMES);
            networks.reconcile(List.of(live.sandbox()));
            client.setSoTimeout(2000);
            accepted.getOutputStream().write(42);
            assertEquals(42, client.getInputStream().read());
        }
    }

    @Test
    void aLinkGoesWithItsNamespaceAndNobodyWaits() {
        Connection web = machine.connect(networks, "web");
        String link = NAMES.hostEnd(web.sandbox().endpoints().getFirst().id());
        assertTrue(machine.links().contains(link));
        networks.disconnect(web.sandbox());
        namespace(web).close();
        TestHost.await("link " + link + " is gone", () -> !machine.links().contains(link));
    }

    @Test
    void anAddressGivenOnAtOnceIsReachedOnTheNewLink() {
        for (int i = 0; i < 20; i++) {
            Connection web = machine.connect(networks, "web-" + i, tcp(80, "0.0.0.0", 8080));
            assertEquals("172.17.0.2", address(web));
            machine.serve(namespace(web), 80, "web-" + i);
            assertEquals("web-" + i + " " + OTHER_MACHINE, machine.ask(otherMachine, ADDRESS, 8080));
            networks.disconnect(web.sandbox());
            namespace(web).close();
        }
    }

    @Test
    void theNetworkNoneHasLoopbackAloneAndHostHasNoNamespace() {
        Connection none = networks.connect(TestHost.request(networks, NetworkKind.NONE, "none", List.of()));
        List<RouteReader.Link> links = machine.in(namespace(none), () -> {
            try (var routes = NetlinkSocket.route(machine.kernel)) {
                return new RouteReader(routes).links();
            }
        });
        assertEquals(List.of("lo"), links.stream().map(RouteReader.Link::name).toList());
        namespace(none).close();
        assertTrue(none.sandbox().endpoints().getFirst().place().isEmpty());
        Connection hosts = networks.connect(TestHost.request(networks, NetworkKind.HOST, "host", List.of()));
        assertTrue(hosts.namespace().isEmpty());
        assertEquals(List.of("lo", "uplink"), machine.links(), "neither needs the bridge");
    }

    @Test
    void theMacIsTheOneAskedForOrMadeFromTheAddress() {
        MacAddress mac = MacAddress.parse("02:00:00:00:00:09");
        Connection asked = networks.connect(new SandboxRequest("asked", "asked",
                List.of(EndpointRequest.of(networks.predefined(NetworkKind.BRIDGE).id()).withMac(Optional.of(mac))), List.of(), Optional.empty()));
        namespace(asked).close();
        assertEquals(mac, asked.sandbox().endpoints().getFirst().place().orElseThrow().mac());
        assertEquals("02:42:ac:11:00:03", machine.connect(networks, "made").sandbox().endpoints().getFirst().place().orElseThrow().mac().toString());
    }

    @Test
    void nothingIsLeftBehind() {
        Connection web = machine.connect(networks, "web", tcp(80, "0.0.0.0", 8080));
        assertNotEquals("", machine.tables());
        networks.disconnect(web.sandbox());
        networks.removeAll();
        assertEquals(List.of("lo", "uplink"), machine.links());
        assertEquals("", machine.tables());
        assertEquals("172.17.0.2", address(machine.connect(networks, "again")), "and all of it can be made again");
        networks.removeAll();
    }
}
