package io.berth.linux.netlink;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.JnrKernel;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.namespace.NetworkNamespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The messages as the real kernel takes them, in a namespace that the test makes and that goes with it. */
class NetlinkKernelTest {

    private static final byte[] MAC = {2, 0x42, 10, 0, 0, 1};
    private static final byte[] OTHER_MAC = {2, 0x42, 10, 0, 0, 2};
    private static final List<NftBatch.Field> KEY = List.of(NftBatch.Field.PROTOCOL, NftBatch.Field.PORT);
    private static final List<NftBatch.Field> VALUE = List.of(NftBatch.Field.ADDRESS, NftBatch.Field.PORT);

    private final Kernel kernel = new JnrKernel();
    private NetworkNamespace host;
    private NetlinkSocket netfilter;

    @BeforeEach
    void makeHost() throws Exception {
        assumeTrue((Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0, "network namespaces need root");
        host = NetworkNamespace.create(kernel);
        netfilter = NetworkNamespace.inside(kernel, host.handle(), () -> NetlinkSocket.netfilter(kernel));
    }

    @AfterEach
    void dropHost() {
        if (host != null) {
            netfilter.close();
            host.close();
        }
    }

    @Test
    void aVethPairConnectsABridgeWithANamespace() {
        try (NetworkNamespace container = NetworkNamespace.create(kernel)) {
            RouteReader links = new RouteReader(host.routes());
            new RouteBatch().createBridge("br7", MAC, 1500).send(host.routes());
            RouteReader.Link bridge = links.link("br7").orElseThrow();
            assertTrue(bridge.up());
            assertArrayEquals(MAC, bridge.mac());
            new RouteBatch().addAddress(bridge.index(), new byte[] {10, 0, 0, 1}, 24)
                    .createVeth(new RouteBatch.VethPair("v7", OTHER_MAC, bridge.index(), "eth0", MAC, container.handle(), 1400))
                    .setHairpin("v7").send(host.routes());
            RouteReader.Link port = links.link("v7").orElseThrow();
            assertEquals(bridge.index(), port.master());
            new RouteBatch().setForwarding(port.index(), MAC).send(host.routes());

            RouteReader inside = new RouteReader(container.routes());
            int eth0 = inside.link("eth0").orElseThrow().index();
            assertEquals(eth0, port.peer());
            new RouteBatch().addAddress(eth0, new byte[] {10, 0, 0, 2}, 24).setUp(eth0)
                    .addDefaultRoute(eth0, new byte[] {10, 0, 0, 1}).send(container.routes());
            assertTrue(inside.addresses().stream().anyMatch(
                    address -> address.link() == eth0 && address.address()[3] == 2 && address.prefixLength() == 24));
            assertEquals(List.of(0, 24), inside.routes().stream().map(RouteReader.Route::prefixLength).sorted().toList());
        }
    }

    @Test
    void aRefusedChangeIsNamed() {
        NetlinkException failure = assertThrows(NetlinkException.class, () -> new RouteBatch().setUp(4242).send(host.routes()));
        assertEquals(Errno.ENODEV, failure.errno());
        assertTrue(failure.getMessage().startsWith("set link 4242 up: ENODEV (no such device)"), failure.getMessage());
        assertTrue(new RouteReader(host.routes()).link("nothing").isEmpty());
    }

    @Test
    void aTableWithItsMapsAndRulesCanBeDescribedTwice() {
        describe().send(netfilter);
        NftBatch.Element element = NftBatch.Element.entry(new byte[] {6, 0, 0, 0, 0x1f, (byte) 0x90, 0, 0},
                new byte[] {10, 0, 0, 2, 0, 80, 0, 0});
        new NftBatch("t").add("ports", List.of(element)).send(netfilter);
        describe().send(netfilter);
        assertEquals(List.of(element), NftBatch.elements(netfilter, "t", "ports"));
        new NftBatch("t").delete("ports", List.of(element)).send(netfilter);
        assertEquals(List.of(), NftBatch.elements(netfilter, "t", "ports"));
        new NftBatch("t").deleteTable().send(netfilter);
        assertEquals(List.of(), NftBatch.elements(netfilter, "t", "ports"));
    }

    @Test
    void ofARefusedBatchNothingHappens() {
        describe().send(netfilter);
        NftBatch.Element here = NftBatch.Element.entry(new byte[8], new byte[8]);
        NftBatch.Element missing = NftBatch.Element.entry(new byte[] {6, 0, 0, 0, 0, 80, 0, 0}, new byte[8]);
        NetlinkException failure = assertThrows(NetlinkException.class, () -> new NftBatch("t").add("ports", List.of(here))
                .delete("ports", List.of(missing)).send(netfilter));
        assertEquals(Errno.ENOENT, failure.errno());
        assertTrue(failure.getMessage().startsWith("delete from ports: "), failure.getMessage());
        assertEquals(List.of(), NftBatch.elements(netfilter, "t", "ports"));
    }

    @Test
    void aBatchMadeForAnOlderGenerationIsRefused() {
        int before = NftBatch.generation(netfilter);
        describe().send(netfilter);
        NetlinkException failure = assertThrows(NetlinkException.class,
                () -> new NftBatch("t").atGeneration(before).flush("forward").send(netfilter));
        assertEquals(Errno.ERESTART, failure.errno());
        new NftBatch("t").atGeneration(NftBatch.generation(netfilter)).flush("forward").send(netfilter);
    }

    @Test
    void aWatchHearsOfWhatOthersRemoveFromItsTable() {
        describe().send(netfilter);
        NetlinkSocket other = NetworkNamespace.inside(kernel, host.handle(), () -> NetlinkSocket.netfilter(kernel));
        try (other; NftWatch watch = NetworkNamespace.inside(kernel, host.handle(), () -> new NftWatch(kernel, "t", netfilter))) {
            new NftBatch("t").flush("forward").send(netfilter);
            new NftBatch("elsewhere").createTable().deleteTable().send(other);
            new NftBatch("t").append("forward", new NftRule().drop()).send(other);
            assertFalse(watch.read(), "by ourselves, of another table, and nothing removed");
            new NftBatch("t").flush("forward").send(other);
            assertTrue(watch.read());
            assertFalse(watch.read(), "it has been told");
            new NftBatch("t").deleteTable().send(other);
            assertTrue(watch.read());
        }
    }

    private static NftBatch describe() {
        return new NftBatch("t").createTable().createMap("ports", KEY, VALUE)
                .createChain("published").createChain("prerouting", NftBatch.Hook.PREROUTING_NAT)
                .createChain("forward", NftBatch.Hook.FORWARD_FILTER)
                .flush("published").flush("prerouting").flush("forward")
                .append("published", new NftRule().rewriteByPort(NftRule.Family.IPV4, "ports"))
                .append("prerouting", new NftRule().destinationIsLocal().jump("published"))
                .append("forward", new NftRule().to("br7").establishedOrRelated().accept())
                .append("forward", new NftRule().to("br7").source(new byte[] {10, 0, 0, 0}, 8).destinationWasRewritten().accept())
                .append("forward", new NftRule().from("br7").notTo("br7").accept())
                .append("forward", new NftRule().to("br7").drop());
    }
}
