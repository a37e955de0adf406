package io.berth.linux.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.RecordingKernel;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bytes of the messages that matter, as strace(1) shows them of ip(8) and nft(8); all our machines are little-endian. */
class NetlinkBytesTest {

    private static final byte[] MAC = HexFormat.of().parseHex("0242ac110002");

    @Test
    void oneMessageMakesTheWholeVethPair() {
        RouteBatch batch = new RouteBatch().createVeth(new RouteBatch.VethPair("v0", MAC, 3, "eth0", MAC,
                new Fd(new RecordingKernel(), 9), 1500));
        String linkHeader = "00000000" + "00000000";
        String peer = linkHeader + "00000000" + "00000000" + "09000300" + "65746830" + "00000000" + "0a000100" + "0242ac1100020000"
                + "08000400" + "dc050000" + "08001c00" + "09000000";
        String expected = "94000000" + "1000" + "0506" + "01000000" + "00000000"
                + linkHeader + "01000000" + "01000000"
                + "07000300" + "76300000" + "0a000100" + "0242ac1100020000" + "08000400" + "dc050000" + "08000a00" + "03000000"
                + "50001280" + "09000100" + "76657468" + "00000000" + "40000280" + "3c000180" + peer;
        assertEquals(expected, hex(batch.messages()));
    }

    @Test
    void anAddressComesWithItsBroadcast() {
        RouteBatch batch = new RouteBatch().addAddress(2, new byte[] {(byte) 172, 17, 0, 2}, 16);
        String expected = "30000000" + "1400" + "0506" + "01000000" + "00000000" + "02100000" + "02000000"
                + "08000200" + "ac110002" + "08000100" + "ac110002" + "08000400" + "ac11ffff";
        assertEquals(expected, hex(batch.messages()));
    }

    @Test
    void anIpv6AddressSkipsDuplicateDetection() {
        byte[] address = HexFormat.of().parseHex("fd000000000000000000000000000002");
        String bytes = hex(new RouteBatch().addAddress(2, address, 64).messages());
        assertEquals("0a400200" + "02000000", bytes.substring(32, 48));
    }

    @Test
    void aPublishedPortIsOneElementOfAMap() {
        NftBatch batch = new NftBatch("berth").add("by-port", List.of(
                NftBatch.Element.entry(new byte[] {6, 0, 0, 0, 0x1f, (byte) 0x90, 0, 0}, new byte[] {(byte) 172, 17, 0, 2, 0, 80, 0, 0})));
        String begin = "14000000" + "1000" + "0100" + "01000000" + "00000000" + "0000000a";
        String header = "54000000" + "0c0a" + "0504" + "02000000" + "00000000" + "01000000";
        String names = "0a000100" + "6265727468000000" + "0c000200" + "62792d706f727400";
        String element = "28000380" + "24000180" + "10000180" + "0c000100" + "060000001f900000"
                + "10000280" + "0c000100" + "ac11000200500000";
        String end = "14000000" + "1100" + "0100" + "03000000" + "00000000" + "0000000a";
        assertEquals(begin + header + names + element + end, hex(batch.close()));
    }

    @Test
    void theTypeOfAConcatenationIsWhatNftShows() {
        String text = hex(new NftBatch("berth").createMap("m", List.of(NftBatch.Field.PROTOCOL, NftBatch.Field.PORT),
                List.of(NftBatch.Field.ADDRESS, NftBatch.Field.PORT)).close());
        assertTrue(text.contains("08000400" + "0000030d" + "08000500" + "00000008" + "08000600" + "000001cd"), text);
    }

    private static String hex(Messages messages) {
        return HexFormat.of().formatHex(messages.bytes(1));
    }
}
