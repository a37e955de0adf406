package io.berth.daemon.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.firewall.GatewayMode;
import io.berth.daemon.network.port.PortBinding;
import io.berth.daemon.network.port.TransportProtocol;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What must be reachable and what must not, by real connections on the real kernel: every row by tcp and udp, over IPv4 and
 * IPv6. {@code a} and {@code b} are ordinary networks, {@code i} is internal, {@code r} is routed, {@code u} is nat-unprotected, {@code n} has no icc, {@code t} trusts a link. The
 * other machine routes everything through the host; internal containers have set themselves a way out by their gateway. All of it
 * once as it is without the module br_netfilter ({@link ReachabilityTest}), and once with it, when bridges pass packets to the rules as
 * well ({@link BridgeFilterReachabilityTest}).
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class Reachability {

    private final boolean bridgesPassPacketsToTheRules;
    private TestNetworks networks;

    Reachability(boolean bridgesPassPacketsToTheRules) {
        this.bridgesPassPacketsToTheRules = bridgesPassPacketsToTheRules;
    }

    @BeforeAll
    void makeNetworks() throws IOException {
        TestHost.needsRoot();
        networks = new TestNetworks();
        networks.passBridgedPacketsToTheRules(bridgesPassPacketsToTheRules);
        networks.network(new TestNetworks.Shape("a"));
        networks.network(new TestNetworks.Shape("b"));
        networks.network(new TestNetworks.Shape("i").internal());
        networks.network(new TestNetworks.Shape("r").with(GatewayMode.ROUTED));
        networks.network(new TestNetworks.Shape("u").with(GatewayMode.NAT_UNPROTECTED));
        networks.network(new TestNetworks.Shape("n").withoutIcc());
        networks.network(new TestNetworks.Shape("t").trusting("uplink").withoutMasquerade());
        for (String container : List.of("a1", "a2", "b1", "i1", "i2", "r1", "u1", "n1", "n2", "t1")) {
            networks.container(container.substring(0, 1), container);
        }
        networks.publish("a1", everywhere(8080));
        networks.publish("a1", at("loopback", 8081));
        networks.publish("a1", at("host", 8082));
        networks.publish("b1", everywhere(8083));
        networks.publish("r1", everywhere(8084));
        networks.publish("u1", everywhere(8085));
        networks.publish("n2", everywhere(8086));
        networks.publish("t1", everywhere(8087));
        networks.serve("other", "::", 90);
        for (String address : List.of("host", "gateway-a", "gateway-b", "gateway-i")) {
            networks.serve("host", networks.address(IpFamily.V4, address), 90);
            networks.serve("host", networks.address(IpFamily.V6, address), 90);
        }
    }

    private static PortBinding[] everywhere(int port) {
        return new PortBinding[] {PortBinding.everywhere(TransportProtocol.TCP, 80, port), PortBinding.everywhere(TransportProtocol.UDP, 80, port)};
    }

    private PortBinding[] at(String name, int port) {
        List<PortBinding> bindings = new ArrayList<>();
        for (IpFamily family : IpFamily.values()) {
            IpAddress address = IpAddress.parse(networks.address(family, name));
            bindings.add(PortBinding.of(TransportProtocol.TCP, 80, address, port));
            bindings.add(PortBinding.of(TransportProtocol.UDP, 80, address, port));
        }
        return bindings.toArray(PortBinding[]::new);
    }

    @AfterAll
    void dropNetworks() {
        if (networks != null) {
            networks.close();
        }
    }

    @ParameterizedTest(name = "{0} asks {1}:{2}: {3}")
    @CsvSource(delimiter = '|', textBlock = """
            # who  | asks      | at   | is answered by, which sees

            # a port published on all addresses: 8080 is a1's, 8083 is b1's
            host   | loopback  | 8080 | a1 gateway-a
            host   | host      | 8080 | a1 host
            host   | gateway-a | 8080 | a1 gateway-a
            other  | host      | 8080 | a1 other
            other  | host      | 8083 | b1 other
            a1     | gateway-a | 8080 | a1 gateway-a
            a1     | host      | 8080 | a1 gateway-a
            a2     | gateway-a | 8080 | a1 gateway-a
            a2     | host      | 8080 | a1 gateway-a
            a2     | gateway-b | 8080 | a1 gateway-a
            b1     | host      | 8080 | a1 gateway-a
            b1     | gateway-b | 8080 | a1 gateway-a
            b1     | gateway-a | 8080 | a1 gateway-a
            a1     | host      | 8083 | b1 gateway-b

            # a port published on loopback answers the host alone
            host   | loopback  | 8081 | a1 gateway-a
            host   | host      | 8081 | -
            other  | host      | 8081 | -
            a2     | gateway-a | 8081 | -
            b1     | host      | 8081 | -

            # a port published on one address answers there alone
            other  | host      | 8082 | a1 other
            host   | host      | 8082 | a1 host
            b1     | host      | 8082 | a1 gateway-a
            host   | loopback  | 8082 | -
            a2     | gateway-a | 8082 | -

            # containers by their own addresses: the host and their network, nobody else
            host   | a1        | 80   | a1 gateway-a
            host   | a1        | 81   | a1 gateway-a
            a1     | a2        | 81   | a2 a1
            other  | a1        | 80   | -
            other  | a1        | 81   | -
            a1     | b1        | 80   | -
            b1     | a1        | 80   | -
            b1     | a1        | 81   | -

            # the ways out
            a1     | other     | 90   | other host
            a1     | gateway-a | 90   | host a1
            a1     | host      | 90   | host a1
            a1     | gateway-b | 90   | host a1

            # an internal network: itself and its bridge
            i1     | i2        | 80   | i2 i1
            i1     | gateway-i | 90   | host i1
            host   | i1        | 80   | i1 gateway-i
            i1     | host      | 90   | -
            i1     | gateway-a | 90   | -
            i1     | other     | 90   | -
            i1     | a1        | 80   | -
            i1     | r1        | 80   | -
            i1     | u1        | 80   | -
            i1     | gateway-i | 8080 | -
            i1     | host      | 8080 | -
            a1     | i1        | 80   | -
            other  | i1        | 80   | -

            # a network without icc
            n1     | n2        | 80   | -
            n1     | n2        | 81   | -
            n1     | gateway-n | 8080 | a1 gateway-a
            n1     | other     | 90   | other host
            other  | host      | 8086 | n2 other

            # a routed network: its published ports, at the containers' own addresses
            other  | r1        | 80   | r1 other
            other  | r1        | 81   | -
            a1     | r1        | 80   | r1 gateway-r
            a1     | r1        | 81   | -
            r1     | a1        | 80   | -
            r1     | other     | 90   | other r1
            other  | host      | 8084 | -

            # a network that trusts the uplink, and is seen elsewhere as it is
            other  | t1        | 80   | t1 other
            other  | t1        | 81   | -
            other  | host      | 8087 | t1 other
            b1     | t1        | 80   | -
            t1     | other     | 90   | other t1
            t1     | host      | 8080 | a1 t1
            t1     | host      | 8087 | t1 gateway-t

            # a network that is translated and not protected
            other  | host      | 8085 | u1 other
            other  | u1        | 80   | u1 other
            other  | u1        | 81   | u1 other
            a1     | u1        | 81   | -
            """)
    void whoIsAnsweredByWhom(String client, String asked, int port, String answer) {
        List<CompletableFuture<Optional<String>>> questions = new ArrayList<>(); // all at once: no answer takes long to be sure of
        for (IpFamily family : IpFamily.values()) {
            for (String protocol : List.of("tcp", "udp")) {
                questions.add(CompletableFuture.supplyAsync(() -> wrong(client, asked, port, answer, family, protocol), Thread.ofPlatform()::start));
            }
        }
        assertEquals(List.of(), questions.stream().flatMap(question -> question.join().stream()).toList());
    }

    private Optional<String> wrong(String client, String asked, int port, String answer, IpFamily family, String protocol) {
        boolean expected = !answer.equals("-");
        Optional<String> wanted = Optional.of(answer).filter(text -> expected)
                .map(text -> text.split(" ")[0] + " " + networks.address(family, text.split(" ")[1]));
        Optional<String> got = networks.ask(client, protocol, networks.address(family, asked), port, expected);
        return got.equals(wanted) ? Optional.empty()
                : Optional.of(family + " " + protocol + ": " + got.orElse("nothing") + " instead of " + wanted.orElse("nothing"));
    }

    /** With br_netfilter the bridge itself takes the redirected packet on, to a port that it keeps apart from the one it came by. */
    @ParameterizedTest
    @ValueSource(strings = {"gateway-n", "host"})
    void containersWithoutIccReachEachOthersPublishedPortsUnlessBridgesPassPacketsToTheRules(String asked) {
        whoIsAnsweredByWhom("n1", asked, 8086, bridgesPassPacketsToTheRules ? "-" : "n2 gateway-n");
    }
}
