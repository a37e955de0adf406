package io.berth.daemon.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.daemon.network.firewall.ForeignRules;
import io.berth.daemon.network.port.PortBinding;
import io.berth.daemon.network.port.TransportProtocol;
import io.berth.linux.netlink.NetlinkSocket;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Other tools' tables that drop the traffic of containers are named, and what is said to help does help. */
class ForeignRulesTest {

    private TestNetworks networks;

    @BeforeEach
    void makeNetworks() throws IOException {
        TestHost.needsRoot();
        networks = new TestNetworks();
        networks.network(new TestNetworks.Shape("a"));
        networks.container("a", "a1");
        networks.publish("a1", PortBinding.everywhere(TransportProtocol.TCP, 80, 8080));
    }

    @AfterEach
    void dropNetworks() {
        if (networks != null) {
            networks.close();
        }
    }

    private List<String> warnings() {
        return networks.machine.in(networks.namespace("host"), () -> {
            try (NetlinkSocket netfilter = NetlinkSocket.netfilter(networks.machine.kernel)) {
                return ForeignRules.warnings(networks.machine.kernel, netfilter, "berth", List.of("br-a"));
            }
        });
    }

    private boolean answers() {
        return networks.ask("other", "tcp", TestHost.ADDRESS, 8080, false).isPresent();
    }

    @Test
    void aHostWithoutOtherRulesIsNotWarned() {
        networks.machine.shell(networks.namespace("host"), "nft 'add table inet t; add chain inet t forward { type filter hook forward priority 0; };"
                + " add rule inet t forward tcp dport 25 drop; add chain inet t input { type filter hook input priority 0; policy drop; }'");
        assertEquals(List.of(), warnings());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            iptables -P FORWARD DROP | table ip filter, chain FORWARD
            iptables -A FORWARD -j REJECT | table ip filter, chain FORWARD
            iptables-legacy -P FORWARD DROP | the policy of iptables-legacy, chain FORWARD
            nft 'add table inet firewalld; add chain inet firewalld filter_FORWARD { type filter hook forward priority 10; }; add rule inet firewalld filter_FORWARD ct state established accept; add rule inet firewalld filter_FORWARD counter reject' | table inet firewalld, chain filter_FORWARD
            nft 'add table inet mine; add chain inet mine way { type filter hook forward priority -5; policy drop; }' | table inet mine, chain way
            """)
    void aTableThatDropsIsNamedUntilItLetsTheBridgePass(String command, String place) {
        assertTrue(answers());
        networks.machine.shell(networks.namespace("host"), command);
        assertEquals(false, answers(), "the test's own rules drop");
        List<String> warnings = warnings();
        assertEquals(1, warnings.size(), warnings.toString());
        assertTrue(warnings.getFirst().startsWith("WARNING: " + place + ", drops"), warnings.toString());
        String remedy = warnings.getFirst().substring(warnings.getFirst().indexOf("To let them pass: ") + 18);
        if (!remedy.startsWith("firewall-cmd")) {
            networks.machine.shell(networks.namespace("host"), remedy);
            assertEquals(Optional.of("a1 " + TestHost.OTHER_MACHINE), networks.ask("other", "tcp", TestHost.ADDRESS, 8080, true), remedy);
            assertEquals(List.of(), warnings());
        }
    }

    @Test
    void theRemedyIsTheToolsOwn() {
        networks.machine.shell(networks.namespace("host"), "iptables -P FORWARD DROP && iptables -N ufw-before-forward && iptables -A ufw-before-forward -p icmp -j ACCEPT"
                + " && ip6tables -P FORWARD DROP && ip6tables -N DOCKER-FORWARD && ip6tables -A DOCKER-FORWARD -p tcp -j RETURN");
        List<String> warnings = warnings();
        assertTrue(warnings.stream().anyMatch(warning -> warning.endsWith("ufw route allow in on br-a && ufw route allow out on br-a")), warnings.toString());
        assertTrue(warnings.stream().anyMatch(warning -> warning.contains("ip6tables -I DOCKER-USER -i br-a -j ACCEPT")), warnings.toString());
    }
}
