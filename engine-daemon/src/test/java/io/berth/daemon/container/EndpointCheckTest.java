package io.berth.daemon.container;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.api.http.ApiException;
import io.berth.api.wire.Json;
import io.berth.api.wire.container.EndpointSettings;
import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.Subnet;
import io.berth.daemon.network.definition.AddressRange;
import io.berth.daemon.network.definition.Driver;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.definition.NetworkId;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The refusals are those of the reference engine, word for word. */
class EndpointCheckTest {

    private static final NetworkDefinition MINE = network("mine", List.of(new AddressRange(Subnet.parse("10.20.0.0/24"), Optional.of(IpAddress.parse("10.20.0.1")),
            Optional.empty(), Map.of(), true, false)));
    private static final NetworkDefinition BRIDGE = network("bridge",
            List.of(AddressRange.of(Subnet.parse("172.17.0.0/16"), IpAddress.parse("172.17.0.1"))));

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"Aliases\":[\"web\"],\"MacAddress\":\"02:00:00:00:00:01\",\"GwPriority\":-5}",
        "{\"IPAMConfig\":{\"IPv4Address\":\"10.20.0.9\",\"LinkLocalIPs\":[\"169.254.1.1\",\"fe80::9\"]}}", "{\"IPAMConfig\":{}}", "{\"IPAMConfig\":null}",
        "{\"DriverOpts\":{\"com.docker.network.endpoint.sysctls\":\"net.ipv4.conf.IFNAME.log_martians=1,net.ipv6.conf.IFNAME.accept_ra=2\"}}"})
    void whatANetworkCanGiveIsAccepted(String settings) {
        assertDoesNotThrow(() -> EndpointCheck.require(MINE, read(settings)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "'{\"IPAMConfig\":{\"IPv4Address\":\"10.99.0.1\"}}' | 'no configured subnet or ip-range contain the IP address 10.99.0.1'",
        "'{\"IPAMConfig\":{\"IPv4Address\":\"zz\"}}' | '* invalid IPv4 address: zz\n* no configured subnet or ip-range contain the IP address zz'",
        "'{\"IPAMConfig\":{\"IPv6Address\":\"fd00::2\"}}' | "
            + "'user specified IP address is supported only when connecting to networks with user configured subnets'",
        "'{\"Links\":[\"a:b:c\"]}' | 'bad format for links: a:b:c'", "'{\"Links\":[\"a:b c\"]}' | 'invalid alias \"b c\" of a link: it becomes a host name and a part of variables'' names'",
        "'{\"IPAMConfig\":{\"LinkLocalIPs\":[\"x\"]}}' | 'invalid link-local IP address: x'",
        "'{\"DriverOpts\":{\"com.docker.network.endpoint.sysctls\":\"kernel.x=1\"}}' | 'unrecognised network interface sysctl ''kernel.x=1''; represent"
            + " ''net.X.Y.ethN.Z=V'' as ''net.X.Y.IFNAME.Z=V'', ''X'' must be ''ipv4'', ''ipv6'' or ''mpls'''",
    })
    void everythingThatItCannotIsToldAtOnce(String settings, String problems) throws IOException {
        assertEquals("invalid endpoint settings:\n" + problems, refusal(MINE, settings));
    }

    @Test
    void theDefaultBridgeHasNeitherAliasesNorAddressesOfOnesChoice() throws IOException {
        assertEquals("invalid endpoint settings:\nnetwork-scoped alias is supported only for containers in user defined networks",
                refusal(BRIDGE, "{\"Aliases\":[\"z\"]}"));
        assertEquals("invalid endpoint settings:\n* user specified IP address is supported on user defined networks only\n* user specified IP address is"
                + " supported only when connecting to networks with user configured subnets", refusal(BRIDGE, "{\"IPAMConfig\":{\"IPv4Address\":\"172.17.0.77\"}}"));
    }

    @Test
    void aSubnetOfThePoolsHasNoAddressesOfOnesChoice() throws IOException {
        assertEquals("invalid endpoint settings:\nuser specified IP address is supported only when connecting to networks with user configured subnets",
                refusal(network("pooled", BRIDGE.ranges()), "{\"IPAMConfig\":{\"IPv4Address\":\"172.17.0.77\"}}"));
    }

    @Test
    void aMacAddressThatIsNoneIsToldAlone() throws IOException {
        assertEquals("invalid MAC address xx", refusal(MINE, "{\"MacAddress\":\"xx\",\"IPAMConfig\":{\"IPv4Address\":\"zz\"}}"));
    }

    @Test
    void onlyWhatWasAskedForIsKept() throws IOException {
        EndpointSettings kept = EndpointCheck.asked(read("{\"Aliases\":[\"a\"],\"IPAddress\":\"10.20.0.2\",\"NetworkID\":\"1\",\"DNSNames\":[\"x\"]}"));
        assertEquals(List.of(List.of("a"), "", "", List.of()), List.of(kept.aliases, kept.ipAddress, kept.networkId, kept.dnsNames));
    }

    private static String refusal(NetworkDefinition network, String settings) throws IOException {
        EndpointSettings read = read(settings);
        ApiException refused = assertThrows(ApiException.class, () -> EndpointCheck.require(network, read));
        assertEquals(ApiException.Kind.INVALID, refused.kind());
        return refused.getMessage();
    }

    private static EndpointSettings read(String json) throws IOException {
        return Json.mapper().readValue(json, EndpointSettings.class);
    }

    private static NetworkDefinition network(String name, List<AddressRange> ranges) {
        return new NetworkDefinition(new NetworkId("a".repeat(64)), name, Driver.BRIDGE, Fixtures.NOON, true, false, false, false, false, Optional.empty(), ranges,
                Optional.empty(), Map.of(), Map.of());
    }
}
