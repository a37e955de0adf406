package io.berth.daemon.network.definition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.address.NetworkException.Kind;
import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.address.Subnet;
import io.berth.daemon.network.address.SubnetPools;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The messages are those that the reference engine, version 28.5, has answered to the same requests. */
class NetworkCreationTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final String BRIDGE = "com.docker.network.bridge.";

    private final List<NetworkDefinition> existing = new ArrayList<>();
    private final List<Subnet> routed = new ArrayList<>();

    @Test
    void aNetworkThatSaysNothingGetsTheFirstSubnetThatNobodyHas() {
        routed.add(Subnet.parse("172.17.0.0/16"));
        assertEquals(List.of("172.18.0.0/16"), subnets(created(NetworkRequest.bridge("one"))));
        NetworkDefinition two = created(NetworkRequest.bridge("two"));
        assertEquals(List.of("172.19.0.0/16"), subnets(two));
        AddressRange range = two.range(IpFamily.V4).orElseThrow();
        assertEquals(Optional.of(IpAddress.parse("172.19.0.1")), range.gateway());
        assertFalse(range.subnetChosen() || range.gatewayChosen());
    }

    @Test
    void whatIsChosenIsKeptAndTheRestIsDecided() {
        NetworkRequest.Range wanted = new NetworkRequest.Range("10.1.0.0/24", "10.1.0.128/25", "10.1.0.9", Map.of("router", "10.1.0.5"));
        AddressRange range = created(NetworkRequest.bridge("one").with(wanted)).range(IpFamily.V4).orElseThrow();
        assertEquals(new AddressRange(Subnet.parse("10.1.0.0/24"), Optional.of(IpAddress.parse("10.1.0.9")), Optional.of(Subnet.parse("10.1.0.128/25")),
                Map.of("router", IpAddress.parse("10.1.0.5")), true, true), range);
        AddressRange plain = created(NetworkRequest.bridge("two").with(NetworkRequest.Range.of("10.2.0.0/24"))).range(IpFamily.V4).orElseThrow();
        assertEquals(Optional.of(IpAddress.parse("10.2.0.1")), plain.gateway());
        assertTrue(plain.subnetChosen() && !plain.gatewayChosen());
    }

    @Test
    void familiesAreThoseAskedFor() {
        NetworkDefinition both = created(NetworkRequest.bridge("both").withFamilies(true, true).with(NetworkRequest.Range.of("fd00:7::/64")));
        assertEquals(List.of("fd00:7::/64", "172.17.0.0/16"), subnets(both));
        NetworkDefinition six = created(NetworkRequest.bridge("six").withFamilies(false, true));
        assertTrue(six.range(IpFamily.V4).isEmpty());
        assertTrue(six.range(IpFamily.V6).orElseThrow().subnet().toString().startsWith("fd"));
        NetworkDefinition unused = created(NetworkRequest.bridge("four").with(NetworkRequest.Range.of("10.3.0.0/24"), NetworkRequest.Range.of("fd00:8::/64")));
        assertEquals(List.of("10.3.0.0/24", "fd00:8::/64"), subnets(unused), "shown, and not used");
        assertTrue(unused.range(IpFamily.V6).isEmpty());
        assertTrue(created(NetworkRequest.bridge("option").withOptions(Map.of("com.docker.network.enable_ipv6", "true"))).ipv6());
        refused(Kind.INVALID, "IPv4 or IPv6 must be enabled", NetworkRequest.bridge("neither").withFamilies(false, false));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "10.1.0.0/24 | | 10.2.0.9 | | invalid gateway 10.2.0.9: parent subnet 10.1.0.0/24 doesn't contain this address",
        "10.1.0.0/24 | 10.2.0.0/25 | | | invalid ip-range 10.2.0.0/25: parent subnet 10.1.0.0/24 doesn't contain ip-range",
        "10.1.0.0/24 | 10.1.0.0/16 | | | invalid ip-range 10.1.0.0/16: CIDR block is bigger than its parent subnet 10.1.0.0/24",
        "10.1.0.0/24 | | | 10.2.0.5 | invalid auxiliary address h: parent subnet 10.1.0.0/24 doesn't contain this address",
        "10.1.0.5/24 | | | | invalid subnet 10.1.0.5/24: it should be 10.1.0.0/24",
        "10.1.0.0/24 | 10.1.0.5/25 | | | invalid ip-range 10.1.0.5/25: it should be 10.1.0.0/25",
        "x | | | | invalid subnet x: invalid CIDR block notation",
        "10.1.0.0/33 | | | | invalid subnet 10.1.0.0/33: invalid CIDR block notation",
        "'' | 10.1.0.0/24 | | | 'invalid subnet : invalid CIDR block notation'",
        "10.9.0.0/24 | | 10.9.0.1/24 | | invalid gateway 10.9.0.1/24: invalid address"})
    void rangesThatMakeNoSenseAreRefused(String subnet, String range, String gateway, String auxiliary, String complaint) {
        refused(Kind.INVALID, "invalid network config:\n" + complaint, NetworkRequest.bridge("n").with(new NetworkRequest.Range(subnet,
                text(range), text(gateway), auxiliary == null ? Map.of() : Map.of("h", auxiliary))));
    }

    private static String text(String given) {
        return given == null ? "" : given;
    }

    @Test
    void allComplaintsComeAtOnce() {
        refused(Kind.INVALID, "invalid network config:\n* invalid ip-range z: invalid CIDR block notation\n* invalid gateway y: invalid address\n"
                + "* invalid auxiliary address h: invalid address", NetworkRequest.bridge("n").with(new NetworkRequest.Range("10.1.0.0/24", "z", "y", Map.of("h", "x"))));
    }

    @Test
    void subnetsDoNotOverlap() {
        created(NetworkRequest.bridge("other").with(NetworkRequest.Range.of("10.1.0.0/24")));
        String message = "invalid pool request: Pool overlaps with other one on this address space";
        refused(Kind.FORBIDDEN, message, NetworkRequest.bridge("n").with(NetworkRequest.Range.of("10.1.0.0/16")));
        refused(Kind.FORBIDDEN, message, NetworkRequest.bridge("n").with(NetworkRequest.Range.of("0.0.0.0/0")));
        refused(Kind.FORBIDDEN, "bridge driver doesn't support multiple subnets",
                NetworkRequest.bridge("n").with(NetworkRequest.Range.of("10.2.0.0/24"), NetworkRequest.Range.of("10.3.0.0/24")));
        routed.add(Subnet.parse("10.4.0.0/24"));
        created(NetworkRequest.bridge("chosen").with(NetworkRequest.Range.of("10.4.0.0/24")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "10.9.0.0/30 | 10.9.0.0 | | failed to allocate gateway (10.9.0.0): Address already in use",
        "10.9.0.0/30 | 10.9.0.3 | | failed to allocate gateway (10.9.0.3): Address already in use",
        "10.9.0.0/24 | 10.9.0.1 | 10.9.0.1 | failed to allocate secondary ip address (h:10.9.0.1): Address already in use",
        "10.9.0.0/24 | | 10.9.0.1 | failed to allocate secondary ip address (h:10.9.0.1): Address already in use"})
    void addressesThatSomebodyHasAreRefused(String subnet, String gateway, String auxiliary, String message) {
        refused(Kind.UNAVAILABLE, message, NetworkRequest.bridge("n").with(new NetworkRequest.Range(subnet, "", text(gateway),
                auxiliary == null ? Map.of() : Map.of("h", auxiliary))));
    }

    @Test
    void namesAreTakenOnceAndSomeNotAtAll() {
        created(NetworkRequest.bridge("one"));
        refused(Kind.CONFLICT, "network with name one already exists", NetworkRequest.bridge("one"));
        refused(Kind.INVALID, "invalid name: name is empty", NetworkRequest.bridge(""));
        for (String name : List.of("bridge", "host", "none", "default")) {
            refused(Kind.FORBIDDEN, "operation is not permitted on predefined " + name + " network ", NetworkRequest.bridge(name));
        }
    }

    @Test
    void driversThatAreNotThereAreRefused() {
        refused(Kind.NOT_FOUND, "plugin \"nope\" not found", NetworkRequest.bridge("n").withDriver("nope"));
        refused(Kind.NOT_FOUND, "plugin \"none\" not found", NetworkRequest.bridge("n").withDriver("none"));
        refused(Kind.FORBIDDEN, "only one instance of \"host\" network is allowed", NetworkRequest.bridge("n").withDriver("host"));
        refused(Kind.FORBIDDEN, "only one instance of \"null\" network is allowed", NetworkRequest.bridge("n").withDriver("null"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "bridge.enable_icc | x | failed to parse com.docker.network.bridge.enable_icc value: x (strconv.ParseBool: parsing \"x\": invalid syntax)",
        "bridge.inhibit_ipv4 | '' | failed to parse com.docker.network.bridge.inhibit_ipv4 value:  (strconv.ParseBool: parsing \"\": invalid syntax)",
        "bridge.host_binding_ipv4 | x | failed to parse com.docker.network.bridge.host_binding_ipv4 value: x (nil ip)",
        "bridge.gateway_mode_ipv6 | x | failed to parse com.docker.network.bridge.gateway_mode_ipv6 value: x (unknown gateway mode x)",
        "driver.mtu | x | failed to parse com.docker.network.driver.mtu value: x (strconv.Atoi: parsing \"x\": invalid syntax)",
        "driver.mtu | -1 | invalid MTU number: -1",
        "bridge.no_such_thing | 1 | network option com.docker.network.bridge.no_such_thing is not supported by berth"})
    void optionsThatCannotBeReadAreRefused(String name, String value, String message) {
        refused(Kind.INVALID, message, NetworkRequest.bridge("n").withOptions(Map.of("com.docker.network." + name, value)));
    }

    @Test
    void optionsOfSomebodyElseAreKept() {
        assertEquals(Map.of("foo", "bar"), created(NetworkRequest.bridge("n").withOptions(Map.of("foo", "bar"))).options());
    }

    @Test
    void anIsolatedBridgeIsInternalAndHasNoGateway() {
        Map<String, String> isolated = Map.of(BRIDGE + "gateway_mode_ipv4", "isolated");
        refused(Kind.UNAVAILABLE, "gateway mode 'isolated' can only be used for an internal network", NetworkRequest.bridge("n").withOptions(isolated));
        NetworkDefinition network = created(NetworkRequest.bridge("n").withOptions(isolated).asInternal());
        assertEquals(Optional.empty(), network.range(IpFamily.V4).orElseThrow().gateway());
    }

    @Test
    void bridgesHaveNamesOfTheirOwn() {
        Map<String, String> named = Map.of(BRIDGE + "name", "br0");
        created(NetworkRequest.bridge("one").withOptions(named));
        NetworkException failure = assertThrows(NetworkException.class, () -> created(NetworkRequest.bridge("two").withOptions(named)));
        assertEquals(Kind.FORBIDDEN, failure.kind());
        assertTrue(failure.getMessage().endsWith(" (br0): networks have same bridge name"), failure.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"macvlan", "ipvlan"})
    void modesAreThoseOfTheDriver(String driver) {
        refused(Kind.UNAVAILABLE, "requested " + driver + " mode 'x' is not valid, '" + (driver.equals("macvlan") ? "bridge" : "l2") + "' mode is the "
                + driver + " driver default", NetworkRequest.bridge("n").withDriver(driver).withOptions(Map.of("parent", "up0", driver + "_mode", "x")));
        refused(Kind.UNAVAILABLE, "loopback interface is not a valid " + driver + " parent link",
                NetworkRequest.bridge("n").withDriver(driver).withOptions(Map.of("parent", "lo")));
    }

    @Test
    void aPassthruLinkHasItsParentForItself() {
        NetworkRequest macvlan = NetworkRequest.bridge("one").withDriver("macvlan");
        NetworkDefinition first = created(macvlan.withOptions(Map.of("parent", "up0")));
        refused(Kind.UNAVAILABLE, "cannot use mode passthru, macvlan network " + first.id() + " is already using parent interface up0",
                NetworkRequest.bridge("two").withDriver("macvlan").withOptions(Map.of("parent", "up0", "macvlan_mode", "passthru")));
    }

    @Test
    void ipvlanAtLayerThreeNeedsNoGateway() {
        NetworkRequest ipvlan = NetworkRequest.bridge("n").withDriver("ipvlan");
        assertEquals(Optional.empty(), created(ipvlan.withOptions(Map.of("parent", "up0", "ipvlan_mode", "l3"))).range(IpFamily.V4).orElseThrow().gateway());
    }

    @Test
    void aNetworkIsMadeAfterATemplate() {
        NetworkRequest template = new NetworkRequest("conf", "", Optional.empty(), Optional.empty(), false, false, true, "",
                new NetworkRequest.Ipam("", List.of(NetworkRequest.Range.of("10.66.0.0/24")), Optional.empty()), Map.of("foo", "bar"), Map.of("a", "b"));
        assertEquals(Driver.NONE, created(template).driver());
        NetworkDefinition made = created(after("conf", Map.of()));
        assertEquals(List.of("10.66.0.0/24"), subnets(made));
        assertEquals(Map.of("foo", "bar"), made.options());
        assertEquals(Map.of("a", "b"), made.labels());
        refused(Kind.NOT_FOUND, "configuration network \"nope\" does not exist", after("nope", Map.of()));
        refused(Kind.FORBIDDEN, "network driver options are not supported if the network depends on a configuration network", after("conf", Map.of("a", "b")));
    }

    private static NetworkRequest after(String template, Map<String, String> options) {
        return new NetworkRequest("after " + template + options, "", Optional.empty(), Optional.empty(), false, false, false, template,
                NetworkRequest.Ipam.DEFAULT, options, Map.of());
    }

    private NetworkDefinition created(NetworkRequest request) {
        NetworkDefinition network = new NetworkCreation(List.copyOf(existing), SubnetPools.of(List.of(), "host"), () -> List.copyOf(routed))
                .define(request, NetworkId.random(), NOON);
        existing.add(network);
        return network;
    }

    private void refused(Kind kind, String message, NetworkRequest request) {
        NetworkException failure = assertThrows(NetworkException.class, () -> created(request));
        assertEquals(message, failure.getMessage());
        assertEquals(kind, failure.kind());
    }

    private static List<String> subnets(NetworkDefinition network) {
        return network.ranges().stream().map(range -> range.subnet().toString()).toList();
    }
}
