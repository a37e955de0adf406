package io.berth.daemon.network.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.daemon.network.address.NetworkException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointOptionsTest {

    private static final String PREFIX = "com.docker.network.endpoint.";

    @Test
    void sysctlsAreThoseOfTheLink() {
        EndpointOptions options = EndpointOptions.parse(Map.of(PREFIX + "sysctls",
                "net.ipv4.conf.IFNAME.log_martians=1,net.ipv6.conf.IFNAME.accept_ra=2", PREFIX + "ifname", "web0"));
        assertEquals(Optional.of("web0"), options.link());
        assertEquals(Map.of("ipv4/conf/web0/log_martians", "1", "ipv6/conf/web0/accept_ra", "2"), options.files("web0"));
    }

    @Test
    void theLinkMayBeWrittenInSmallLettersAsTheDockerCliDoes() {
        EndpointOptions options = EndpointOptions.parse(Map.of(PREFIX + "sysctls", "net.ipv4.conf.ifname.log_martians=1"));
        assertEquals(Map.of("ipv4/conf/eth0/log_martians", "1"), options.files("eth0"));
    }

    @Test
    void optionsOfSomebodyElseChangeNothing() {
        assertEquals(new EndpointOptions(Optional.empty(), Map.of()), EndpointOptions.parse(Map.of("foo", "bar")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"kernel.x=1", "net.ipv4.conf.eth0.log_martians=1", "net.ipv4.conf.IFNAME.log_martians", "net.ipv4.conf/../IFNAME.x=1"})
    void sysctlsOfAnythingElseAreRefused(String sysctl) {
        NetworkException failure = assertThrows(NetworkException.class, () -> EndpointOptions.parse(Map.of(PREFIX + "sysctls", sysctl)));
        assertEquals("unrecognised network interface sysctl '" + sysctl
                + "'; represent 'net.X.Y.ethN.Z=V' as 'net.X.Y.IFNAME.Z=V', 'X' must be 'ipv4', 'ipv6' or 'mpls'", failure.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"lo", "a/b", "..", "sixteen-letters-", "a b"})
    void whatIsNoNameOfALinkIsRefused(String name) {
        assertThrows(NetworkException.class, () -> EndpointOptions.parse(Map.of(PREFIX + "ifname", name)));
    }

    @Test
    void anOptionThatWeShouldKnowIsRefusedByName() {
        NetworkException failure = assertThrows(NetworkException.class, () -> EndpointOptions.parse(Map.of(PREFIX + "nope", "1")));
        assertEquals("driver option " + PREFIX + "nope of an endpoint is not supported by berth", failure.getMessage());
    }
}
