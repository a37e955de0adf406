package io.berth.daemon.network;

import static io.berth.daemon.network.TestHost.namespace;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.definition.NetworkNames;
import io.berth.daemon.network.definition.NetworkRequest.Range;
import io.berth.daemon.network.definition.NetworkRequest;
import io.berth.daemon.network.sandbox.Connection;
import io.berth.daemon.network.sandbox.EndpointRequest;
import io.berth.daemon.network.sandbox.Sandbox;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Containers with links of their own on the host's link to the other machine. */
class MacvlanTest {

    private TestHost machine;
    private Networks networks;

    @BeforeEach
    void makeMachines() throws IOException {
        TestHost.needsRoot();
        machine = new TestHost();
        networks = machine.networks(NetworkNames.ofDefaultInstance());
        machine.shell(machine.otherMachine.handle(), "ip addr add 10.98.0.1/24 dev uplink");
        machine.serve(machine.otherMachine.handle(), 82, "other");
    }

    @AfterEach
    void dropMachines() throws IOException {
        if (machine != null) {
            machine.close();
        }
    }

    @Test
    void containersAreNeighboursOfTheOtherMachineAndOfEachOther() {
        NetworkDefinition network = network("bridge");
        Connection web = connect("web", network);
        Connection client = connect("client", network);
        machine.serve(namespace(web), 80, "web");
        assertEquals("other 10.98.0.2", machine.ask(namespace(web), "10.98.0.1", 82));
        assertEquals("web 10.98.0.1", machine.ask(machine.otherMachine.handle(), "10.98.0.2", 80));
        assertEquals("web 10.98.0.3", machine.ask(namespace(client), "10.98.0.2", 80));
        assertEquals("default via 10.98.0.1 dev eth0", machine.shell(namespace(web), "ip route show default").strip());
        networks.disconnect(web.sandbox());
        networks.disconnect(client.sandbox());
        networks.remove("m", container -> container);
        assertEquals(List.of("lo", "uplink"), machine.links(), "the host's link stays");
    }

    @ParameterizedTest
    @CsvSource({"private", "vepa"})
    void inOtherModesNeighboursOnTheSameLinkAreNotReached(String mode) {
        NetworkDefinition network = network(mode);
        Connection web = connect("web", network);
        Connection client = connect("client", network);
        machine.serve(namespace(web), 80, "web");
        assertEquals("other 10.98.0.3", machine.ask(namespace(client), "10.98.0.1", 82));
        assertFalse(machine.answers(namespace(client), "10.98.0.2", 80));
        assertTrue(machine.shell(namespace(web), "ip -d link show eth0").contains("macvlan mode " + mode));
    }

    @Test
    void passthruGivesTheLinkToOneContainer() {
        NetworkDefinition network = network("passthru");
        Connection web = connect("web", network);
        assertTrue(machine.shell(namespace(web), "ip -d link show eth0").contains("macvlan mode passthru"));
        assertThrows(NetworkException.class, () -> connect("second", network));
    }

    @Test
    void aRunningContainerJoinsAndLeaves() {
        NetworkDefinition network = network("bridge");
        Connection web = machine.connect(networks, "web", List.of());
        Sandbox joined = networks.join(web.sandbox(), namespace(web), EndpointRequest.of(network.id()), List.of());
        assertEquals("other 10.98.0.2", machine.ask(namespace(web), "10.98.0.1", 82));
        networks.leave(joined, namespace(web), joined.endpoints().getFirst().id(), List.of());
        assertFalse(machine.shell(namespace(web), "ip link").contains("eth0"));
    }

    @Test
    void aDaemonStartsThoughTheParentIsGone() {
        NetworkDefinition network = network("bridge");
        Connection web = connect("web", network);
        networks.close();
        machine.shell(machine.host.handle(), "ip link del uplink");
        networks = machine.networks(NetworkNames.ofDefaultInstance());
        List<String> complaints = networks.reconcile(List.of(web.sandbox()));
        assertEquals(1, complaints.size());
        assertTrue(complaints.getFirst().startsWith("container web runs, but its network " + network.id() + " cannot be taken over: "), complaints.toString());
        assertThrows(NetworkException.class, () -> networks.remove("m", container -> container), "it is in use all the same");
        networks.disconnect(web.sandbox());
        networks.remove("m", container -> container);
    }

    @Test
    void withoutAParentItLeadsNowhere() {
        NetworkDefinition network = networks.create(NetworkRequest.bridge("m").withDriver("macvlan").with(Range.of("10.98.0.0/24")));
        Connection web = connect("web", network);
        Connection client = connect("client", network);
        machine.serve(namespace(web), 80, "web");
        assertEquals("web 10.98.0.3", machine.ask(namespace(client), "10.98.0.2", 80));
        assertEquals("", machine.shell(namespace(web), "ip route show default"));
        networks.disconnect(web.sandbox());
        networks.disconnect(client.sandbox());
        networks.remove("m", container -> container);
        assertEquals(List.of("lo", "uplink"), machine.links());
    }

    @Test
    void parentsThatAreNotThereAreRefusedInTheReferencesWords() {
        assertEquals("invalid subinterface vlan name nope, example formatting is eth0.10", refused(Map.of("parent", "nope")));
        assertEquals("vlan id must be between 1-4094, received: 9999", refused(Map.of("parent", "uplink.9999")));
        assertEquals(3, networks.list().size());
    }

    @Test
    void aVlanOfALinkIsMadeAndRemovedWhereTheKernelHasThem() {
        Map<String, String> vlan = Map.of("parent", "uplink.7");
        if (machine.shell(machine.host.handle(), "ip link add link uplink name probe type vlan id 9 && ip link del probe || echo no").contains("no")) {
            assertTrue(refused(vlan).startsWith("failed to create uplink.7 vlan link: operation not supported"));
            return;
        }
        networks.create(NetworkRequest.bridge("m").withDriver("macvlan").with(Range.of("10.98.0.0/24")).withOptions(vlan));
        assertTrue(machine.links().contains("uplink.7"));
        networks.remove("m", container -> container);
        assertFalse(machine.links().contains("uplink.7"));
    }

    @Test
    void ipvlanIsRefusedWhereTheKernelHasNone() {
        assumeTrue(!hasIpvlan(), "this kernel has ipvlan");
        String message = refused("ipvlan", Map.of("parent", "uplink"));
        assertTrue(message.startsWith("cannot make ipvlan network m: this kernel has no ipvlan"), message);
        assertEquals(List.of("lo", "uplink"), machine.links());
    }

    @ParameterizedTest
    @CsvSource({"l2, bridge", "l3, private", "l3s, vepa"})
    void ipvlanGivesContainersTheLinksMac(String mode, String flag) {
        assumeTrue(hasIpvlan(), "this kernel has no ipvlan");
        NetworkDefinition network = networks.create(NetworkRequest.bridge("m").withDriver("ipvlan").with(Range.of("10.98.0.0/24"))
                .withOptions(Map.of("parent", "uplink", "ipvlan_mode", mode, "ipvlan_flag", flag)));
        Connection web = connect("web", network);
        assertTrue(machine.shell(namespace(web), "ip -d link show eth0").contains("ipvlan  mode " + mode + " " + flag));
        assertEquals("other 10.98.0.2", machine.ask(namespace(web), "10.98.0.1", 82));
    }

    private boolean hasIpvlan() {
        return !machine.shell(machine.host.handle(), "ip link add link uplink name probe type ipvlan && ip link del probe || echo no").contains("no");
    }

    private NetworkDefinition network(String mode) {
        return networks.create(NetworkRequest.bridge("m").withDriver("macvlan").with(Range.of("10.98.0.0/24"))
                .withOptions(Map.of("parent", "uplink", "macvlan_mode", mode)));
    }

    private Connection connect(String name, NetworkDefinition network) {
        return machine.connect(networks, name, List.of(EndpointRequest.of(network.id())));
    }

    private String refused(Map<String, String> options) {
        return refused("macvlan", options);
    }

    private String refused(String driver, Map<String, String> options) {
        return assertThrows(NetworkException.class, () -> networks.create(NetworkRequest.bridge("m").withDriver(driver)
                .with(Range.of("10.98.0.0/24")).withOptions(options))).getMessage();
    }
}
