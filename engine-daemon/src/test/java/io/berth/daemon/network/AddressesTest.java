package io.berth.daemon.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {

    private static final Subnet SMALL = Subnet.parse("10.0.0.0/29");

    @Test
    void theLowestFreeAddressIsGivenOutAndNetworkGatewayAndBroadcastAreNot() {
        AddressPool pool = new AddressPool(SMALL, Ipv4Address.parse("10.0.0.1"));
        List<String> given = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            given.add(pool.take().toString());
        }
        assertEquals(List.of("10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"), given);
        assertThrows(NetworkException.class, pool::take);
        pool.giveBack(Ipv4Address.parse("10.0.0.4"));
        assertEquals("10.0.0.4", pool.take().toString());
    }

    @Test
    void anAddressOfARunningContainerIsNotGivenOut() {
        AddressPool pool = new AddressPool(SMALL, Ipv4Address.parse("10.0.0.1"));
        assertTrue(pool.occupy(Ipv4Address.parse("10.0.0.2")));
        assertFalse(pool.occupy(Ipv4Address.parse("10.0.0.2")));
        assertFalse(pool.occupy(Ipv4Address.parse("10.0.1.2")));
        assertEquals("10.0.0.3", pool.take().toString());
    }

    @Test
    void subnetsAreTakenInTheReferencesOrderPastTheHostsRoutes() {
        assertEquals("172.17.0.0/16", SubnetPools.firstFree(SubnetPools.DEFAULTS, List.of()).toString());
        List<Subnet> taken = List.of(Subnet.parse("172.17.3.0/24"), Subnet.parse("172.18.0.0/15"), Subnet.parse("172.20.0.1/32"));
        assertEquals("172.21.0.0/16", SubnetPools.firstFree(SubnetPools.DEFAULTS, taken).toString());
        assertEquals("192.168.16.0/20", SubnetPools.firstFree(SubnetPools.DEFAULTS,
                List.of(Subnet.parse("172.16.0.0/12"), Subnet.parse("192.168.1.0/24"))).toString());
        assertThrows(NetworkException.class, () -> SubnetPools.firstFree(SubnetPools.DEFAULTS, List.of(Subnet.parse("0.0.0.0/0"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.x", "::1", "1.2.3.", "-1.2.3.4"})
    void whatIsNoAddressIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> Ipv4Address.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1/24", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x"})
    void whatIsNoSubnetIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> Subnet.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "02:42:ac:11:00", "01:00:00:00:00:00", "02:42:ac:11:00:0g"})
    void whatIsNoMacIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> MacAddress.parse(text));
    }

    @Test
    void anAddressOfAnEarlierRangeIsNeitherTakenNorGivenBack() {
        AddressPool pool = new AddressPool(Subnet.parse("172.20.0.0/16"), Ipv4Address.parse("172.20.0.1"));
        for (String elsewhere : List.of("172.17.0.5", "172.30.0.5", "255.255.255.255", "0.0.0.1")) {
            assertFalse(pool.occupy(Ipv4Address.parse(elsewhere)));
            pool.giveBack(Ipv4Address.parse(elsewhere));
        }
        assertEquals(Ipv4Address.parse("172.20.0.2"), pool.take());
    }

    @Test
    void addressesReadBackAsTheyWereWritten() {
        assertEquals("255.0.10.1", Ipv4Address.of(Ipv4Address.parse("255.0.10.1").bytes()).toString());
        assertEquals("02:42:ac:11:00:02", MacAddress.of(Ipv4Address.parse("172.17.0.2")).toString());
        assertEquals(MacAddress.parse("02-42-AC-11-00-02"), MacAddress.parse("02:42:ac:11:00:02"));
    }

    @Test
    void portsAreNumbersOfPorts() {
        assertThrows(IllegalArgumentException.class, () -> PortBinding.of(TransportProtocol.TCP, 0, Ipv4Address.ANY, 80));
        assertThrows(IllegalArgumentException.class, () -> PortBinding.of(TransportProtocol.TCP, 80, Ipv4Address.ANY, 65536));
        assertThrows(IllegalArgumentException.class, () -> new PortBinding(TransportProtocol.TCP, 80, Ipv4Address.ANY, 90, 80));
        assertThrows(IllegalArgumentException.class, () -> TransportProtocol.parse("TCP"));
    }

    @Test
    void namesFitIntoALinksNameAndCarryTheInstance() {
        EndpointId endpoint = new EndpointId("0123456789abcdef".repeat(4));
        NetworkNames other = NetworkNames.ofInstance("1a2b3c4d");
        assertEquals("vberth001234567", NetworkNames.ofDefaultInstance().hostEnd(endpoint));
        assertEquals("v1a2b3c4d012345", other.hostEnd(endpoint));
        assertEquals("berth-1a2b3c4d", other.bridge());
        assertEquals(other.id(NetworkKind.BRIDGE), NetworkNames.ofInstance("1a2b3c4d").id(NetworkKind.BRIDGE));
        assertThrows(IllegalArgumentException.class, () -> NetworkNames.ofInstance("1a2b"));
    }
}
