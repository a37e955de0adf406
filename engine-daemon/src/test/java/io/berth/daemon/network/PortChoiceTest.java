package io.berth.daemon.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.firewall.GatewayMode;
import io.berth.daemon.network.port.PortBinding;
import io.berth.daemon.network.port.PortTarget;
import io.berth.daemon.network.port.PublishedPort;
import io.berth.daemon.network.port.TransportProtocol;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which ports of the host a binding gets, and the reference's words when it gets none. */
class PortChoiceTest {

    private TestNetworks networks;

    @BeforeEach
    void makeNetworks() throws IOException {
        TestHost.needsRoot();
        networks = new TestNetworks();
        networks.network(new TestNetworks.Shape("a"));
        networks.container("a", "a1");
    }

    @AfterEach
    void dropNetworks() {
        if (networks != null) {
            networks.close();
        }
    }

    private static PortBinding everywhere(int port) {
        return PortBinding.everywhere(TransportProtocol.TCP, 80, port);
    }

    private static PortBinding at(String address, int port) {
        return PortBinding.of(TransportProtocol.TCP, 80, IpAddress.parse(address), port);
    }

    private static PortBinding range(int first, int last) {
        return new PortBinding(TransportProtocol.TCP, 80, Optional.empty(), first, last);
    }

    private String published(PortTarget target, PortBinding... bindings) {
        return shown(networks.turn(() -> networks.ports.publish(List.of(bindings), target)));
    }

    private static String shown(List<PublishedPort> ports) {
        return String.join(" ", ports.stream().map(port -> port.hostAddress() + "@" + port.hostPort()).toList());
    }

    private String refused(PortBinding binding) {
        return assertThrows(NetworkException.class, () -> networks.publish("a1", binding)).getMessage();
    }

    @Test
    void aBindingWithoutAnAddressHasTheSameNumberInBothFamilies() throws IOException {
        assertEquals("0.0.0.0@8080 ::@8080", shown(networks.publish("a1", everywhere(8080))));
        assertEquals("0.0.0.0@32768 ::@32768", shown(networks.publish("a1", everywhere(0))));
        try (ServerSocket other = networks.machine.in(networks.namespace("host"), () -> new ServerSocket(8090, 1, InetAddress.getByName("fd99::1")))) {
            assertEquals("0.0.0.0@8091 ::@8091", shown(networks.publish("a1", range(other.getLocalPort(), 8091))), "8090 is taken on IPv6");
        }
    }

    @Test
    void onlyFamiliesInWhichTheContainerIsReachedArePublished() {
        PortTarget both = networks.target("a1");
        PortTarget ipv6 = new PortTarget(Optional.empty(), both.ipv6());
        assertEquals("::@8080", published(ipv6, everywhere(8080)));
        assertEquals("", published(ipv6, at("0.0.0.0", 8081), at("127.0.0.1", 8081)));
        assertEquals("", published(PortTarget.NOWHERE, everywhere(8082)));
        PortTarget ipv4 = new PortTarget(both.ipv4(), Optional.empty());
        assertEquals("0.0.0.0@8083 ::@8083 ::1@8084", published(ipv4, everywhere(8083), at("::1", 8084)), "IPv6 by a relay");
    }

    @Test
    void aRoutedNetworkTakesNoPortOfTheHost() {
        PortTarget both = networks.target("a1");
        PortTarget routed = new PortTarget(both.ipv4().map(destination -> new PortTarget.Destination(destination.address(), GatewayMode.ROUTED)),
                Optional.empty());
        assertEquals("0.0.0.0@0 ::@8080", published(routed, everywhere(8080)));
        assertEquals("0.0.0.0@8080", published(both, at("0.0.0.0", 8080)));
    }

    @Test
    void aPortThatAContainerHasIsRefused() {
        networks.publish("a1", everywhere(8080), at("127.0.0.1", 8081));
        assertEquals("Bind for 0.0.0.0:8080 failed: port is already allocated", refused(everywhere(8080)));
        assertEquals("Bind for 0.0.0.0:8080 failed: port is already allocated", refused(at("127.0.0.1", 8080)));
        assertEquals("Bind for :::8080 failed: port is already allocated", refused(at("::", 8080)));
        assertEquals("Bind for :::8080 failed: port is already allocated", refused(at("::1", 8080)));
        assertEquals("Bind for 127.0.0.1:8081 failed: port is already allocated", refused(everywhere(8081)));
        assertEquals("all ports are allocated", refused(range(8080, 8081)));
        assertEquals("::@8081", shown(networks.publish("a1", at("::", 8081))), "the families are two");
    }

    @Test
    void aPortThatAProcessOfTheHostHasIsRefused() throws IOException {
        try (ServerSocket other = networks.machine.in(networks.namespace("host"), () -> new ServerSocket(8090))) {
            assertEquals("failed to bind host port for 0.0.0.0:8090:172.18.0.2:80/tcp: address already in use", refused(everywhere(other.getLocalPort())));
            assertEquals("failed to bind host port for [::]:8090:[fd00:1::2]:80/tcp: address already in use", refused(at("::", 8090)));
        }
        assertEquals("failed to bind host port for [fd99::9]:8090:[fd00:1::2]:80/tcp: cannot assign requested address", refused(at("fd99::9", 8090)));
        assertEquals("0.0.0.0@8090 ::@8090", shown(networks.publish("a1", everywhere(8090))), "nothing is left of what was refused");
    }
}
