package io.berth.daemon.network;

import static io.berth.daemon.network.TestHost.namespace;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.address.Subnet;
import io.berth.daemon.network.definition.AddressRange;
import io.berth.daemon.network.definition.NetworkKind;
import io.berth.daemon.network.definition.NetworkNames;
import io.berth.daemon.network.port.PortBinding;
import io.berth.daemon.network.port.PublishedPort;
import io.berth.daemon.network.port.TransportProtocol;
import io.berth.daemon.network.sandbox.Connection;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the administrator may say about the default bridge, on the real kernel. */
class DefaultBridgeTest {

    private static final NetworkNames NAMES = NetworkNames.ofDefaultInstance();
    private static final AddressRange V4 = new AddressRange(Subnet.parse("192.168.5.0/24"), Optional.of(IpAddress.parse("192.168.5.1")), Optional.empty(),
            Map.of(AddressRange.wayOutName(IpFamily.V4), IpAddress.parse("192.168.5.2")), true, true);
    private static final AddressRange V6 = new AddressRange(Subnet.parse("fd00:9::/64"), Optional.of(IpAddress.parse("fd00:9::1")), Optional.empty(), Map.of(),
            true, false);

    private TestHost machine;

    @BeforeEach
    void makeMachine() throws IOException {
        TestHost.needsRoot();
        machine = new TestHost();
    }

    @AfterEach
    void dropMachine() throws IOException {
        if (machine != null) {
            machine.close();
        }
    }

    private Networks networks(Optional<AddressRange> v4, boolean ipv6, Optional<AddressRange> v6, boolean forwards, boolean relays) {
        return machine.networks(NAMES, new NetworkSettings(List.of(), v4, ipv6, v6, Map.of(), forwards, relays), NameService.NONE);
    }

    private String host(String script) {
        return machine.shell(machine.host.handle(), script).strip();
    }

    @Test
    void containersSendTheirPacketsToTheDefaultGateway() {
        Networks networks = networks(Optional.of(V4), false, Optional.empty(), true, true);
        Connection web = machine.connect(networks, "web");
        assertEquals("192.168.5.3", TestHost.address(web), "the gateway's address is not given out");
        assertEquals("default via 192.168.5.2 dev eth0", machine.shell(namespace(web), "ip route show default").strip());
        assertTrue(host("ip address show dev " + NAMES.bridge()).contains("inet 192.168.5.1/24"));
    }

    @Test
    void itHasIpv6WhenItIsAskedForAndKeepsItsSubnet() {
        Networks networks = networks(Optional.empty(), true, Optional.of(V6), true, true);
        Connection web = machine.connect(networks, "web");
        assertEquals("fd00:9::2", web.sandbox().address(IpFamily.V6).orElseThrow().toString());
        assertTrue(networks.predefined(NetworkKind.BRIDGE).ipv6());
        assertTrue(machine.shell(namespace(web), "ip -6 route show default").startsWith("default via fd00:9::1 dev eth0"));
        networks.disconnect(web.sandbox());
        networks.close();
        Networks next = networks(Optional.empty(), true, Optional.empty(), true, true);
        next.reconcile(List.of());
        assertEquals("fd00:9::2", machine.connect(next, "next").sandbox().address(IpFamily.V6).orElseThrow().toString());
        next.close();
        Networks last = networks(Optional.empty(), false, Optional.empty(), true, true);
        last.reconcile(List.of());
        assertEquals(Optional.empty(), machine.connect(last, "last").sandbox().address(IpFamily.V6));
        assertEquals("", host("ip -6 address show dev " + NAMES.bridge() + " | grep fd00:9 || true"));
    }

    @Test
    void itsIpv6SubnetIsFromThePoolsUnlessOneIsChosen() {
        Connection web = machine.connect(networks(Optional.empty(), true, Optional.empty(), true, true), "web");
        assertTrue(web.sandbox().address(IpFamily.V6).orElseThrow().toString().startsWith("fd"), web.sandbox()::toString);
    }

    @Test
    void theHostForwardsNothingUnlessItMay() {
        host("echo 0 >/proc/sys/net/ipv4/ip_forward");
        networks(Optional.empty(), true, Optional.empty(), false, true).prepare();
        assertEquals("0 0", host("echo $(cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding)"));
    }

    @Test
    void withoutRelaysAContainerOfIpv4IsNotPublishedOnIpv6() {
        Networks networks = networks(Optional.empty(), false, Optional.empty(), true, false);
        Connection web = machine.connect(networks, "web", PortBinding.everywhere(TransportProtocol.TCP, 80, 8080));
        assertEquals(List.of(new PublishedPort(TransportProtocol.TCP, 80, IpAddress.ANY, 8080)), web.sandbox().ports());
        machine.serve(namespace(web), 80, "web");
        assertEquals("web 172.17.0.1", machine.ask(machine.host.handle(), "127.0.0.1", 8080), "the kernel redirects by itself");
    }
}
