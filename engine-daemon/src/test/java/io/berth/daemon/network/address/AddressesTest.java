package io.berth.daemon.network.address;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {

    private static final Subnet SMALL = Subnet.parse("10.0.0.0/29");

    @Test
    void theLowestFreeAddressIsGivenOutAndNetworkGatewayAndBroadcastAreNot() {
        AddressPool pool = pool("10.0.0.1");
        List<String> given = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            given.add(pool.take().toString());
        }
        assertEquals(List.of("10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"), given);
        assertThrows(NetworkException.class, pool::take);
        pool.giveBack(IpAddress.parse("10.0.0.4"));
        assertEquals("10.0.0.4", pool.take().toString());
    }

    @Test
    void anAddressOfARunningContainerIsNotGivenOut() {
        AddressPool pool = pool("10.0.0.1");
        assertTrue(pool.take(IpAddress.parse("10.0.0.2")));
        assertFalse(pool.take(IpAddress.parse("10.0.0.2")));
        assertFalse(pool.take(IpAddress.parse("10.0.1.2")));
        assertEquals("10.0.0.3", pool.take().toString());
    }

    @Test
    void addressesOfTheRangeAreGivenOutAndOthersToThoseWhoAskForThem() {
        AddressPool pool = new AddressPool(Subnet.parse("10.0.0.0/24"), Optional.of(Subnet.parse("10.0.0.128/30")));
        assertEquals("10.0.0.128", pool.take().toString());
        assertTrue(pool.take(IpAddress.parse("10.0.0.129")) && pool.take(IpAddress.parse("10.0.0.7")));
        assertFalse(pool.take(IpAddress.parse("10.0.0.7")) || pool.take(IpAddress.parse("10.0.0.255")) || pool.take(IpAddress.parse("10.0.0.0")));
        assertEquals("10.0.0.130", pool.take().toString());
        pool.giveBack(IpAddress.parse("10.0.0.7"));
        pool.giveBack(IpAddress.parse("10.0.0.0"));
        assertEquals("10.0.0.131", pool.take().toString());
        assertThrows(NetworkException.class, pool::take);
        assertFalse(pool.take(IpAddress.parse("10.0.0.0")), "the network's own stays nobody's");
    }

    @Test
    void aSubnetOfIpv6GivesOutAddressesFromOneOn() {
        AddressPool pool = new AddressPool(Subnet.parse("fd00::/64"), Optional.empty());
        assertTrue(pool.take(IpAddress.parse("fd00::1")));
        assertEquals("fd00::2", pool.take().toString());
        assertTrue(pool.take(IpAddress.parse("fd00::ffff:ffff:ffff:ffff")), "IPv6 has no address to broadcast to");
        AddressPool whole = new AddressPool(Subnet.parse("::/0"), Optional.of(Subnet.parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128")));
        whole.take();
        assertThrows(NetworkException.class, whole::take);
    }

    @Test
    void aSubnetOfTwoOrOneHasNeitherNetworkNorBroadcast() {
        AddressPool two = new AddressPool(Subnet.parse("10.0.0.0/31"), Optional.empty());
        assertEquals(List.of("10.0.0.0", "10.0.0.1"), List.of(two.take().toString(), two.take().toString()));
        assertThrows(NetworkException.class, two::take);
        assertEquals("10.0.0.9", new AddressPool(Subnet.parse("10.0.0.9/32"), Optional.empty()).take().toString());
    }

    @Test
    void subnetsAreTakenInTheReferencesOrderPastTheHostsRoutes() {
        assertEquals("172.17.0.0/16", free(List.of(), IpFamily.V4));
        assertEquals("172.21.0.0/16", free(List.of(), IpFamily.V4, "172.17.3.0/24", "172.18.0.0/15", "172.20.0.1/32"));
        assertEquals("192.168.16.0/20", free(List.of(), IpFamily.V4, "172.16.0.0/12", "192.168.1.0/24"));
        assertThrows(NetworkException.class, () -> free(List.of(), IpFamily.V4, "0.0.0.0/0"));
    }

    @Test
    void configuredPoolsReplaceTheDefaultsOfTheirFamily() {
        List<SubnetPools.Pool> pools = List.of(new SubnetPools.Pool(Subnet.parse("10.5.0.0/23"), 24), new SubnetPools.Pool(Subnet.parse("fd01::/16"), 64));
        assertEquals("10.5.0.0/24", free(pools, IpFamily.V4));
        assertEquals("10.5.1.0/24", free(pools, IpFamily.V4, "10.5.0.77/32"));
        assertThrows(NetworkException.class, () -> free(pools, IpFamily.V4, "10.5.0.0/24", "10.5.1.0/28"));
        assertEquals("fd01:0:1::/64", free(pools, IpFamily.V6, "fd01::/48"), "past a larger one at once, not subnet by subnet");
        assertThrows(IllegalArgumentException.class, () -> new SubnetPools.Pool(Subnet.parse("10.5.0.0/16"), 8));
    }

    @Test
    void theDefaultPoolOfIpv6IsTheHostsOwn() {
        String one = SubnetPools.of(List.of(), "one").firstFree(IpFamily.V6, List.of()).toString();
        assertTrue(one.startsWith("fd") && one.endsWith("/64"), one);
        assertEquals(one, SubnetPools.of(List.of(), "one").firstFree(IpFamily.V6, List.of()).toString());
        assertFalse(one.equals(SubnetPools.of(List.of(), "two").firstFree(IpFamily.V6, List.of()).toString()));
    }

    private static String free(List<SubnetPools.Pool> pools, IpFamily family, String... taken) {
        return SubnetPools.of(pools, "host").firstFree(family, Stream.of(taken).map(Subnet::parse).toList()).toString();
    }

    private static AddressPool pool(String taken) {
        AddressPool pool = new AddressPool(SMALL, Optional.empty());
        assertTrue(pool.take(IpAddress.parse(taken)));
        return pool;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.x", "1.2.3.", "-1.2.3.4"})
    void whatIsNoAddressIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> IpAddress.parse(text));
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
        AddressPool pool = new AddressPool(Subnet.parse("172.20.0.0/16"), Optional.empty());
        assertTrue(pool.take(IpAddress.parse("172.20.0.1")));
        for (String elsewhere : List.of("172.17.0.5", "172.30.0.5", "255.255.255.255", "0.0.0.1")) {
            assertFalse(pool.take(IpAddress.parse(elsewhere)));
            pool.giveBack(IpAddress.parse(elsewhere));
        }
        assertEquals(IpAddress.parse("172.20.0.2"), pool.take());
    }

    @Test
    void addressesReadBackAsTheyWereWritten() {
        assertEquals("255.0.10.1", IpAddress.of(IpAddress.parse("255.0.10.1").bytes()).toString());
        assertEquals("02:42:ac:11:00:02", MacAddress.of(IpAddress.parse("172.17.0.2")).toString());
        assertEquals(MacAddress.parse("02-42-AC-11-00-02"), MacAddress.parse("02:42:ac:11:00:02"));
    }

    @ParameterizedTest
    @CsvSource({"::, ::", "::1, ::1", "fd00::, fd00::", "FD00:0:0:0:0:0:0:1, fd00::1", "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
            "::ffff:10.0.0.1, ::ffff:10.0.0.1", "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8", "1:0:3:4:5:6:7:8, 1:0:3:4:5:6:7:8", "64:ff9b::1.2.3.4, 64:ff9b::102:304"})
    void ipv6AddressesAreWrittenTheShortestWay(String text, String shortest) {
        assertEquals(shortest, IpAddress.parse(text).toString());
        assertEquals(IpAddress.parse(text), IpAddress.of(IpAddress.parse(text).bytes()));
    }

    @ParameterizedTest
    @ValueSource(strings = {":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8:9", "12345::", "::g", "fe80::1%eth0", "::1.2.3"})
    void whatIsNoIpv6AddressIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> IpAddress.parse(text));
    }

    @Test
    void countingCarriesFromTheLowHalfToTheHigh() {
        assertEquals("fd00:0:0:1::", IpAddress.parse("fd00::ffff:ffff:ffff:ffff").plus(1).toString());
        assertEquals("fd00::ffff:ffff:ffff:ffff", IpAddress.parse("fd00:0:0:1::").plus(-1).toString());
        assertEquals("10.0.1.0", IpAddress.parse("10.0.0.255").plus(1).toString());
    }

    @Test
    void subnetsOfBothFamiliesKnowWhatLiesInThem() {
        Subnet wide = Subnet.parse("fd00::/48");
        assertTrue(wide.contains(Subnet.parse("fd00:0:0:7::/64")) && wide.overlaps(Subnet.parse("fd00::/32")));
        assertFalse(wide.overlaps(Subnet.parse("fd00:0:1::/64")) || wide.contains(IpAddress.parse("10.0.0.1")) || wide.overlaps(Subnet.parse("0.0.0.0/0")));
        assertEquals("fd00::ffff:ffff:ffff:ffff:ffff", wide.last().toString());
        assertEquals("10.0.0.7", SMALL.last().toString());
        assertEquals("10.0.0.0/29", Subnet.around(IpAddress.parse("10.0.0.5"), 29).toString());
    }
}
