package io.berth.daemon.network;

import static io.berth.daemon.network.TestHost.ADDRESS;
import static io.berth.daemon.network.TestHost.OTHER_MACHINE;
import static io.berth.daemon.network.TestHost.namespace;
import static io.berth.daemon.network.TestHost.tcp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.definition.NetworkKind;
import io.berth.daemon.network.definition.NetworkNames;
import io.berth.daemon.network.definition.NetworkRequest.Range;
import io.berth.daemon.network.definition.NetworkRequest;
import io.berth.daemon.network.port.PortBinding;
import io.berth.daemon.network.sandbox.Connection;
import io.berth.daemon.network.sandbox.EndpointRequest;
import io.berth.daemon.network.sandbox.Sandbox;
import io.berth.linux.kernel.Fd;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Containers on several networks, at their start and while they run. */
class SeveralNetworksTest {

    private static final List<PortBinding> PORTS = List.of(tcp(80, "0.0.0.0", 8080));

    private final ToldNames names = new ToldNames();
    private TestHost machine;
    private Networks networks;
    private Fd host;
    private NetworkDefinition a;
    private NetworkDefinition b;

    @BeforeEach
    void makeNetworks() throws IOException {
        TestHost.needsRoot();
        machine = new TestHost();
        host = machine.host.handle();
        networks = machine.networks(NetworkNames.ofDefaultInstance(), NetworkSettings.DEFAULT, names);
        a = networks.create(NetworkRequest.bridge("a").with(Range.of("10.20.0.0/24")));
        b = networks.create(NetworkRequest.bridge("b").with(Range.of("10.21.0.0/24"), Range.of("fd00:21::/64")).withFamilies(true, true));
    }

    @AfterEach
    void dropMachines() throws IOException {
        if (machine != null) {
            machine.close();
        }
    }

    @Test
    void linksAreInTheOrderAskedForAndTheDefaultRouteIsTheFirstNetworks() {
        Connection web = machine.connect(networks, "web", List.of(EndpointRequest.of(b.id()), EndpointRequest.of(a.id())));
        assertEquals(List.of("eth0", "eth1"), web.sandbox().endpoints().stream().map(endpoint -> endpoint.place().orElseThrow().link()).toList());
        assertEquals("default via 10.20.0.1 dev eth1", machine.shell(namespace(web), "ip route show default").strip());
        assertTrue(machine.shell(namespace(web), "ip -6 route show default").startsWith("default via fd00:21::1 dev eth0"), "of the family that a lacks");
        machine.serve(namespace(web), 80, "web");
        Connection neighbour = machine.connect(networks, "neighbour", List.of(EndpointRequest.of(b.id())));
        assertEquals("web 10.21.0.3", machine.ask(namespace(neighbour), "10.21.0.2", 80));
    }

    @Test
    void theHighestPriorityHasTheDefaultRouteAndThePorts() {
        Connection web = machine.connect(networks, "web", List.of(EndpointRequest.of(a.id()), prior(b, 5)), PORTS.getFirst());
        assertEquals("default via 10.21.0.1 dev eth1", machine.shell(namespace(web), "ip route show default").strip());
        machine.serve(namespace(web), 80, "web");
        assertEquals("web " + OTHER_MACHINE, machine.ask(machine.otherMachine.handle(), ADDRESS, 8080));
        assertTrue(machine.tables().contains("10.21.0.2"), machine.tables());
        assertFalse(machine.tables().contains("10.20.0.2 . 80"), machine.tables());
    }

    @Test
    void aRunningContainerJoinsAndLeavesAndItsPortsMoveWithItsDefaultRoute() {
        Connection web = machine.connect(networks, "web", List.of(EndpointRequest.of(b.id())), PORTS.getFirst());
        machine.serve(namespace(web), 80, "web");
        Sandbox joined = networks.join(web.sandbox(), namespace(web), EndpointRequest.of(a.id()), PORTS);
        assertEquals("10.20.0.2", joined.endpoints().getLast().place().orElseThrow().ipv4().orElseThrow().address().toString());
        assertEquals("default via 10.20.0.1 dev eth1", machine.shell(namespace(web), "ip route show default").strip());
        assertEquals("web " + OTHER_MACHINE, machine.ask(machine.otherMachine.handle(), ADDRESS, 8080));
        assertEquals(8080, joined.ports().getFirst().hostPort());

        Sandbox left = networks.leave(joined, namespace(web), joined.endpoints().getLast().id(), PORTS);
        assertEquals(web.sandbox().endpoints(), left.endpoints());
        assertEquals("default via 10.21.0.1 dev eth0", machine.shell(namespace(web), "ip route show default").strip());
        assertEquals("web " + OTHER_MACHINE, machine.ask(machine.otherMachine.handle(), ADDRESS, 8080));
        assertEquals(left, networks.leave(joined, namespace(web), joined.endpoints().getLast().id(), PORTS), "again, as after a crash");
        assertEquals("10.20.0.2", machine.connect(networks, "next", List.of(EndpointRequest.of(a.id()))).sandbox().endpoints().getFirst().place().orElseThrow()
                .ipv4().orElseThrow().address().toString(), "its address is free");
        networks.disconnect(left);
        assertFalse(machine.answers(machine.otherMachine.handle(), ADDRESS, 8080));
    }

    @Test
    void aContainerWithoutNetworksJoinsOne() {
        Connection empty = machine.connect(networks, "empty", List.of());
        assertEquals("lo", machine.shell(namespace(empty), "ls /proc/sys/net/ipv4/conf | grep -v -e all -e default").strip());
        Sandbox joined = networks.join(empty.sandbox(), namespace(empty), EndpointRequest.of(a.id()), PORTS);
        machine.serve(namespace(empty), 80, "empty");
        assertEquals("empty " + OTHER_MACHINE, machine.ask(machine.otherMachine.handle(), ADDRESS, 8080));
        Sandbox left = networks.leave(joined, namespace(empty), joined.endpoints().getFirst().id(), PORTS);
        assertEquals(List.of(), left.ports());
        assertFalse(machine.answers(machine.otherMachine.handle(), ADDRESS, 8080));
    }

    @Test
    void aJoinThatFailsLeavesEverythingAsItWas() {
        Connection web = machine.connect(networks, "web", List.of(EndpointRequest.of(b.id())));
        EndpointRequest refused = new EndpointRequest(a.id(), Optional.empty(), Optional.empty(), Optional.empty(), List.of(), List.of(), Map.of(),
                Map.of("com.docker.network.endpoint.sysctls", "net.ipv4.conf.IFNAME.no_such_thing=1"), 9);
        assertThrows(NetworkException.class, () -> networks.join(web.sandbox(), namespace(web), refused, List.of()));
        assertEquals("default via 10.21.0.1 dev eth0", machine.shell(namespace(web), "ip route show default").strip());
        assertFalse(machine.shell(namespace(web), "ip link").contains("eth1"));
        networks.remove("a", container -> container);
    }

    @Test
    void theResolverIsToldOfUserDefinedNetworksAlone() {
        Connection plain = machine.connect(networks, "plain");
        assertEquals(List.of(), names.told);
        Sandbox joined = networks.join(plain.sandbox(), namespace(plain), EndpointRequest.of(a.id()), List.of());
        Sandbox more = networks.join(joined, namespace(plain), EndpointRequest.of(b.id()), List.of());
        Sandbox less = networks.leave(more, namespace(plain), more.endpoints().getLast().id(), List.of());
        networks.disconnect(less);
        assertEquals(List.of("opened plain 2", "changed plain 3", "changed plain 2", "closed plain"), names.told);
    }

    @Test
    void afterARestartEveryEndpointIsTakenOver() {
        Connection web = machine.connect(networks, "web", List.of(EndpointRequest.of(a.id()), prior(b, 1)), PORTS.getFirst());
        machine.serve(namespace(web), 80, "web");
        networks.close();
        networks = machine.networks(NetworkNames.ofDefaultInstance(), NetworkSettings.DEFAULT, names);
        assertEquals(List.of(), networks.reconcile(List.of(web.sandbox())));
        assertEquals("web " + OTHER_MACHINE, machine.ask(machine.otherMachine.handle(), ADDRESS, 8080));
        for (NetworkDefinition network : List.of(a, b)) {
            assertThrows(NetworkException.class, () -> networks.remove(network.name(), container -> container));
        }
        networks.disconnect(web.sandbox());
        networks.remove("a", container -> container);
        networks.remove("b", container -> container);
        assertFalse(networks.predefined(NetworkKind.BRIDGE).isPredefined() && networks.find(a.id()).isPresent());
    }

    @Test
    void aJoinThatADaemonDidNotLiveToWriteDownIsUndoneAtTheStart() {
        Connection web = machine.connect(networks, "web", List.of(EndpointRequest.of(b.id())), PORTS.getFirst());
        machine.serve(namespace(web), 80, "web");
        networks.join(web.sandbox(), namespace(web), EndpointRequest.of(a.id()), PORTS);
        networks.close();
        networks = machine.networks(NetworkNames.ofDefaultInstance(), NetworkSettings.DEFAULT, names);
        assertEquals(List.of(), networks.reconcile(List.of(web.sandbox()), container -> Optional.of(machine.again(namespace(web)))));
        TestHost.await("the link is gone and the default route is back", () -> machine.shell(namespace(web), "ip route show default").strip()
                .equals("default via 10.21.0.1 dev eth0"));
        assertFalse(machine.shell(namespace(web), "ip link").contains("eth1"));
        assertEquals("web " + OTHER_MACHINE, machine.ask(machine.otherMachine.handle(), ADDRESS, 8080));
        networks.remove("a", container -> container);
    }

    @Test
    void aLeaveThatADaemonDidNotLiveToWriteDownIsDoneAgain() {
        Connection web = machine.connect(networks, "web", List.of(EndpointRequest.of(a.id()), EndpointRequest.of(b.id())), PORTS.getFirst());
        machine.serve(namespace(web), 80, "web");
        networks.leave(web.sandbox(), namespace(web), web.sandbox().endpoints().getFirst().id(), PORTS);
        networks.close();
        networks = machine.networks(NetworkNames.ofDefaultInstance(), NetworkSettings.DEFAULT, names);
        assertEquals(List.of(), networks.reconcile(List.of(web.sandbox())));
        Sandbox left = networks.leave(web.sandbox(), namespace(web), web.sandbox().endpoints().getFirst().id(), PORTS);
        assertEquals("web " + OTHER_MACHINE, machine.ask(machine.otherMachine.handle(), ADDRESS, 8080));
        networks.remove("a", container -> container);
        networks.disconnect(left);
        networks.remove("b", container -> container);
        assertEquals(List.of("lo", "uplink"), machine.links().stream().filter(link -> !link.startsWith("vberth0")).toList());
    }

    private static EndpointRequest prior(NetworkDefinition network, int priority) {
        return new EndpointRequest(network.id(), Optional.empty(), Optional.empty(), Optional.empty(), List.of(), List.of(), Map.of(), Map.of(), priority);
    }

    /** Writes down what it is told. */
    private static final class ToldNames implements NameService {

        private final List<String> told = new ArrayList<>();

        @Override
        public void opened(Sandbox sandbox, Fd namespace) {
            told.add("opened " + sandbox.containerId() + " " + sandbox.endpoints().size());
        }

        @Override
        public void changed(Sandbox sandbox) {
            told.add("changed " + sandbox.containerId() + " " + sandbox.endpoints().size());
        }

        @Override
        public void closed(String containerId) {
            told.add("closed " + containerId);
        }

        @Override
        public void takeOver(Collection<Sandbox> live) {
        }
    }
}
