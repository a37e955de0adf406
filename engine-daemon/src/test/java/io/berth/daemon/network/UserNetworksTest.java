package io.berth.daemon.network;

import static io.berth.daemon.network.TestHost.ADDRESS;
import static io.berth.daemon.network.TestHost.OTHER_MACHINE;
import static io.berth.daemon.network.TestHost.namespace;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.address.MacAddress;
import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.address.Subnet;
import io.berth.daemon.network.address.SubnetPools;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.definition.NetworkKind;
import io.berth.daemon.network.definition.NetworkNames;
import io.berth.daemon.network.definition.NetworkRequest.Range;
import io.berth.daemon.network.definition.NetworkRequest;
import io.berth.daemon.network.sandbox.Connection;
import io.berth.daemon.network.sandbox.EndpointRequest;
import io.berth.daemon.network.sandbox.Place;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Networks that users make, on the real kernel, between machines that the test makes. */
class UserNetworksTest extends OnTwoMachines {

    private static final String OPTION = "com.docker.network.";

    @Test
    void containersOfOneNetworkReachEachOtherAndThoseOfAnotherNot() {
        Connection web = connect("web", network("a", "10.20.0.0/24"));
        Connection client = connect("client", networks.resolve("a"));
        Connection stranger = connect("stranger", network("b", "10.21.0.0/24"));
        machine.serve(namespace(web), 80, "web");
        machine.serve(otherMachine, 82, "other");
        assertEquals("web 10.20.0.3", machine.ask(namespace(client), "10.20.0.2", 80));
        assertEquals("web 10.20.0.1", machine.ask(host, "10.20.0.2", 80));
        assertEquals("other " + ADDRESS, machine.ask(namespace(stranger), OTHER_MACHINE, 82));
        assertFalse(machine.answers(namespace(stranger), "10.20.0.2", 80));
        assertFalse(machine.answers(otherMachine, "10.20.0.2", 80));
    }

    @Test
    void aNetworkWithoutAFreeAddressIsNamed() {
        NetworkDefinition tiny = network("tiny", "10.20.0.0/30");
        connect("web", tiny);
        NetworkException full = assertThrows(NetworkException.class, () -> connect("late", tiny));
        assertEquals("no available IPv4 addresses on this network's address pools: tiny (" + tiny.id() + ")", full.getMessage());
    }

    @Test
    void aNetworkMayHaveTheSubnetOfLinkLocalAddresses() {
        NetworkDefinition local = networks.create(NetworkRequest.bridge("local").withFamilies(false, true).with(Range.of("fe80::/64")));
        assertEquals("fe80::1", local.range(IpFamily.V6).orElseThrow().gateway().orElseThrow().toString());
    }

    @Test
    void aContainerDoesNotWaitForTheDevicesOfNetworksThatItIsNotIn() {
        int many = 40;
        IntStream.range(0, many).forEach(i -> network("n" + i, "10.20." + i + ".0/24"));
        networks.close();
        machine.shell(host, "for link in $(ls -d /proc/sys/net/ipv4/conf/br-*); do ip link delete ${link##*/}; done");
        networks = machine.networks(NAMES);
        networks.reconcile(List.of());
        CompletableFuture<List<String>> prepared = CompletableFuture.supplyAsync(networks::prepare, Thread.ofPlatform()::start);
        TestHost.await("the first device is there", () -> bridges() > 0);
        connect("web", networks.resolve("n" + (many - 1)));
        assertTrue(bridges() < many, "one device at a time, and who comes in between is next");
        assertEquals(List.of(), prepared.join());
        assertEquals(many, bridges());
    }

    private long bridges() {
        return machine.links().stream().filter(link -> link.startsWith("br-")).count();
    }

    @Test
    void bothFamiliesAreThereWhereAskedFor() throws IOException {
        NetworkDefinition dual = networks.create(NetworkRequest.bridge("dual").withFamilies(true, true)
                .with(Range.of("10.22.0.0/24"), new Range("fd00:22::/64", "", "fd00:22::9", Map.of())));
        Connection web = connect("web", dual);
        Connection client = connect("client", dual);
        machine.serve(namespace(web), 80, "web");
        Place place = place(client);
        assertEquals("fd00:22::2", place.ipv6().orElseThrow().address().toString());
        assertEquals("web 10.22.0.2", machine.ask(namespace(web), "10.22.0.2", 80));
        try (ServerSocket neighbour = machine.in(namespace(web), () -> new ServerSocket(81, 5, InetAddress.getByName("fd00:22::1")));
                ServerSocket gateway = machine.in(host, () -> new ServerSocket(83, 5, InetAddress.getByName("fd00:22::9")))) {
            TestHost.await("a neighbour answers", () -> machine.answers(namespace(client), "fd00:22::1", neighbour.getLocalPort()));
            TestHost.await("the gateway answers", () -> machine.answers(namespace(client), "fd00:22::9", gateway.getLocalPort()));
        }
        assertTrue(machine.shell(namespace(client), "ip -6 route").contains("default via fd00:22::9"));
        NetworkDefinition six = networks.create(NetworkRequest.bridge("six").withFamilies(false, true));
        Connection alone = connect("alone", six);
        assertTrue(place(alone).ipv4().isEmpty());
        assertEquals("", machine.shell(namespace(alone), "ip -4 -o addr show dev eth0"));
    }

    @Test
    void aContainerGetsTheAddressesAndTheMacThatItAsksFor() {
        NetworkDefinition network = networks.create(NetworkRequest.bridge("a").withFamilies(true, true)
                .with(new Range("10.20.0.0/24", "10.20.0.128/25", "", Map.of("router", "10.20.0.129")), Range.of("fd00:20::/64")));
        EndpointRequest asked = new EndpointRequest(network.id(), Optional.of(MacAddress.parse("02:00:00:00:00:09")), Optional.of(IpAddress.parse("10.20.0.5")),
                Optional.of(IpAddress.parse("fd00:20::5")), List.of(IpAddress.parse("169.254.7.7")), List.of("web"), Map.of(),
                Map.of(OPTION + "endpoint.ifname", "web0", OPTION + "endpoint.sysctls", "net.ipv4.conf.IFNAME.log_martians=1"), 0);
        Connection web = machine.connect(networks, "web", List.of(asked));
        String shown = machine.shell(namespace(web), "ip addr show dev web0; cat /proc/sys/net/ipv4/conf/web0/log_martians");
        for (String part : List.of("10.20.0.5/24", "fd00:20::5/64", "169.254.7.7/16", "02:00:00:00:00:09")) {
            assertTrue(shown.contains(part), part + " in " + shown);
        }
        assertTrue(shown.endsWith("1\n"), shown);
        assertEquals("10.20.0.130", address(connect("next", network)), "the first of the range is the gateway, the second somebody else's");
        NetworkException taken = assertThrows(NetworkException.class, () -> machine.connect(networks, "thief", List.of(asked)));
        assertEquals("Address already in use", taken.getMessage());
        networks.disconnect(web.sandbox());
        machine.connect(networks, "successor", List.of(asked));
    }

    @Test
    void anInternalNetworkHasNoWayInOrOut() {
        NetworkDefinition internal = networks.create(NetworkRequest.bridge("internal").with(Range.of("10.23.0.0/24")).asInternal());
        Connection web = connect("web", internal);
        Connection client = connect("client", internal);
        machine.serve(namespace(web), 80, "web");
        machine.serve(otherMachine, 82, "other");
        assertEquals("web 10.23.0.3", machine.ask(namespace(client), "10.23.0.2", 80));
        assertEquals(Optional.empty(), place(web).ipv4().orElseThrow().gateway());
        assertEquals("", machine.shell(namespace(web), "ip route show default"));
        machine.shell(namespace(web), "ip route add default via 10.23.0.1");
        assertFalse(machine.answers(namespace(web), OTHER_MACHINE, 82), "though it has given itself a route");
        assertFalse(machine.answers(otherMachine, "10.23.0.2", 80));
    }

    @Test
    void withoutIccContainersReachTheWorldButNotEachOther() {
        NetworkDefinition network = networks.create(NetworkRequest.bridge("a").with(Range.of("10.20.0.0/24"))
                .withOptions(Map.of(OPTION + "bridge.enable_icc", "false")));
        Connection web = connect("web", network);
        Connection client = connect("client", network);
        machine.serve(namespace(web), 80, "web");
        machine.serve(otherMachine, 82, "other");
        assertFalse(machine.answers(namespace(client), "10.20.0.2", 80));
        assertEquals("other " + ADDRESS, machine.ask(namespace(client), OTHER_MACHINE, 82));
        assertEquals("web 10.20.0.1", machine.ask(host, "10.20.0.2", 80));
    }

    @Test
    void theBridgeIsAsItsOptionsSay() {
        networks.create(NetworkRequest.bridge("a").with(Range.of("10.20.0.0/24")).withOptions(Map.of(OPTION + "bridge.name", "mybr",
                OPTION + "driver.mtu", "1400", OPTION + "container_iface_prefix", "net")));
        Connection web = connect("web", networks.resolve("a"));
        assertEquals("net0", place(web).link());
        assertTrue(machine.shell(namespace(web), "ip link show net0").contains("mtu 1400"));
        assertTrue(machine.shell(host, "ip link show mybr").contains("mtu 1400"));
        NetworkDefinition without = networks.create(NetworkRequest.bridge("b").with(Range.of("10.21.0.0/24"))
                .withOptions(Map.of(OPTION + "bridge.inhibit_ipv4", "true")));
        assertEquals("", machine.shell(host, "ip -4 -o addr show dev " + NAMES.bridge(without.id())));
    }

    @Test
    void aBridgeThatSomebodyRemovedIsMadeAgainForTheNextContainer() {
        NetworkDefinition network = network("a", "10.20.0.0/24");
        machine.shell(host, "ip link delete " + NAMES.bridge(network.id()));
        Connection web = connect("web", network);
        machine.serve(namespace(web), 80, "web");
        assertEquals("web 10.20.0.1", machine.ask(host, "10.20.0.2", 80));
    }

    @Test
    void aBridgeOfSomebodyElseIsUsedAndStays() {
        machine.shell(host, "ip link add theirs type bridge && ip link set theirs up");
        networks.create(NetworkRequest.bridge("a").with(Range.of("10.20.0.0/24")).withOptions(Map.of(OPTION + "bridge.name", "theirs")));
        Connection web = connect("web", networks.resolve("a"));
        machine.serve(namespace(web), 80, "web");
        assertEquals("web 10.20.0.1", machine.ask(host, "10.20.0.2", 80));
        networks.disconnect(web.sandbox());
        remove("a");
        assertTrue(machine.links().contains("theirs"));
        NetworkException failure = assertThrows(NetworkException.class, () -> networks.create(NetworkRequest.bridge("b")
                .withOptions(Map.of(OPTION + "bridge.name", "uplink"))));
        assertEquals("existing interface uplink is not a bridge", failure.getMessage());
        assertThrows(NetworkException.class, () -> networks.resolve("b"), "nothing is left of it");
    }

    @Test
    void aNetworkInUseIsNotRemovedAndOneThatIsNotLeavesNothing() {
        NetworkDefinition network = network("alpha", "10.20.0.0/24");
        Connection web = connect("web", network);
        String id = web.sandbox().endpoints().getFirst().id().hex().substring(0, 12);
        NetworkException failure = assertThrows(NetworkException.class, () -> networks.remove("alpha", container -> "the " + container));
        assertEquals("error while removing network: network alpha has active endpoints (name:\"the web\" id:\"" + id + "\")", failure.getMessage());
        assertEquals(NetworkException.Kind.FORBIDDEN, failure.kind());
        networks.disconnect(web.sandbox());
        assertEquals(network, remove(network.id().hex().substring(0, 20)));
        assertFalse(machine.links().contains(NAMES.bridge(network.id())));
        assertEquals("network alpha not found", assertThrows(NetworkException.class, () -> remove("alpha")).getMessage());
        assertEquals("bridge is a pre-defined network and cannot be removed", assertThrows(NetworkException.class, () -> remove("bridge")).getMessage());
    }

    @Test
    void networksAreThereAfterARestartOfTheDaemonAndAfterOneOfTheMachine() {
        NetworkDefinition network = networks.create(NetworkRequest.bridge("a").withFamilies(true, true));
        Connection web = connect("web", network);
        machine.serve(namespace(web), 80, "web");
        restart(web);
        assertEquals(network, networks.resolve("a"));
        Connection client = connect("client", network);
        assertEquals("172.17.0.3", address(client));
        assertEquals("web 172.17.0.3", machine.ask(namespace(client), "172.17.0.2", 80));
        networks.disconnect(client.sandbox());
        networks.disconnect(web.sandbox());
        machine.shell(host, "ip link del " + NAMES.bridge(network.id()) + " && nft flush ruleset");
        restart();
        assertEquals(List.of(), networks.prepare());
        assertTrue(machine.links().contains(NAMES.bridge(network.id())));
        networks.removeAll();
        assertEquals(List.of("lo", "uplink"), machine.links());
        assertEquals("172.17.0.2", address(connect("again", network)));
    }

    @Test
    void aDeviceOfANetworkThatIsNoneAnyMoreIsRemovedAtTheStart() {
        String orphan = NAMES.alias(network("a", "10.20.0.0/24").id()).replaceAll("[0-9a-f]$", "0").replaceAll("[0-9a-f]0$", "00");
        machine.shell(host, "ip link add orphan type bridge && ip link set orphan alias '" + orphan + "'");
        machine.shell(host, "ip link add foreign type bridge && ip link set foreign alias 'berth 0badcafe network " + "0".repeat(64) + "'");
        restart();
        TestHost.await("the orphan is gone", () -> !machine.links().contains("orphan"));
        assertTrue(machine.links().contains("foreign"), "that of another instance stays");
        assertTrue(machine.links().contains(NAMES.bridge(networks.resolve("a").id())));
    }

    private void restart(Connection... live) {
        networks.close();
        networks = machine.networks(NAMES);
        assertEquals(List.of(), networks.reconcile(List.of(live).stream().map(Connection::sandbox).toList()));
    }

    @Test
    void subnetsComeFromTheAdministratorsPools() {
        Networks own = machine.networks(NetworkNames.ofInstance("00000001"), new NetworkSettings(List.of(new SubnetPools.Pool(Subnet.parse("10.50.0.0/23"), 24)),
                Optional.empty(), false, Optional.empty(), Map.of(OPTION + "driver.mtu", "1450"), true, true), NameService.NONE);
        own.prepare();
        assertEquals("10.50.0.0/24", own.predefined(NetworkKind.BRIDGE).range(IpFamily.V4).orElseThrow().subnet().toString());
        assertEquals("10.50.1.0/24", own.create(NetworkRequest.bridge("a")).range(IpFamily.V4).orElseThrow().subnet().toString());
        assertEquals("all predefined address pools have been fully subnetted",
                assertThrows(NetworkException.class, () -> own.create(NetworkRequest.bridge("b"))).getMessage());
        assertTrue(machine.shell(host, "ip link show " + NetworkNames.ofInstance("00000001").bridge()).contains("mtu 1450"));
    }

    private NetworkDefinition network(String name, String subnet) {
        return networks.create(NetworkRequest.bridge(name).with(Range.of(subnet)));
    }

    private NetworkDefinition remove(String reference) {
        return networks.remove(reference, container -> container);
    }

    private Connection connect(String name, NetworkDefinition network) {
        return machine.connect(networks, name, List.of(EndpointRequest.of(network.id())));
    }

    private static Place place(Connection connection) {
        return connection.sandbox().endpoints().getFirst().place().orElseThrow();
    }

    private static String address(Connection connection) {
        return place(connection).ipv4().orElseThrow().address().toString();
    }
}
