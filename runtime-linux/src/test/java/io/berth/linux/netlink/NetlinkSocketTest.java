package io.berth.linux.netlink;

import static io.berth.linux.netlink.ScriptedNetlink.end;
import static io.berth.linux.netlink.ScriptedNetlink.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.linux.kernel.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class NetlinkSocketTest {

    private final ScriptedNetlink kernel = new ScriptedNetlink();
    private final NetlinkSocket socket = NetlinkSocket.route(kernel);

    @Test
    void severalChangesGoOutInOneWriteAndAreNumbered() {
        kernel.answer(end(1, 0)).answer(end(2, 0));
        new RouteBatch().setUp(1).deleteLink(9).send(socket);
        assertEquals(1, kernel.written.size());
        String first = "20000000" + "1000" + "0500" + "01000000" + "00000000" + "00000000" + "01000000" + "0100000001000000";
        String second = "20000000" + "1100" + "0500" + "02000000" + "00000000" + "00000000" + "09000000" + "0000000000000000";
        assertEquals(first + second, littleEndian(kernel.written.getFirst()));
    }

    @Test
    void aRefusalNamesTheChangeTheErrnoAndTheKernelsWords() {
        byte[] words = "\u0018\0\u0001\0Device does not exist".getBytes(StandardCharsets.ISO_8859_1);
        byte[] payload = ByteBuffer.allocate(20 + 28).order(ByteOrder.nativeOrder()).putInt(-Errno.ENODEV.number())
                .position(20).put(words).array();
        payload[20] = 26;
        kernel.answer(end(1, 0)).answer(message(2, 0x300, 2, payload)).answer(end(3, 0));
        RouteBatch batch = new RouteBatch().setUp(1).setUp(42).setUp(2);
        NetlinkException failure = assertThrows(NetlinkException.class, () -> batch.send(socket));
        assertEquals("set link 42 up: ENODEV (no such device): Device does not exist", failure.getMessage());
    }

    @Test
    void whatAnEarlierRequestLeftBehindIsPassedOver() {
        kernel.answer(end(1, 0)).answer(end(1, 22)).answer(end(2, 0));
        new RouteBatch().setUp(1).send(socket);
        new RouteBatch().setUp(2).send(socket);
        assertEquals(2, kernel.written.size());
    }

    @Test
    void aDumpThatChangedUnderTheReaderIsReadAgain() {
        byte[] done = new byte[4];
        byte[] link = new byte[16];
        kernel.answer(message(16, 0x12, 1, link), message(3, 0x12, 1, done)).answer(message(16, 2, 2, link))
                .answer(message(3, 2, 2, done));
        assertEquals(1, new RouteReader(socket).links().size());
        assertEquals(2, kernel.written.size());
    }

    @Test
    void aBatchThatIsThrownAwayAsAWholeEndsTheExchange() {
        kernel.answer(end(1, Errno.EPERM.number()));
        NftBatch batch = new NftBatch("berth").createTable().flush("forward");
        NetlinkException failure = assertThrows(NetlinkException.class, () -> batch.send(socket));
        assertEquals("change table berth: EPERM (operation not permitted)", failure.getMessage());
    }

    @Test
    void noAnswerIsAFaultAndNotAWait() {
        assertThrows(IllegalStateException.class, () -> new RouteBatch().setUp(1).send(socket));
    }

    @Test
    void theGenerationComesFromItsAttribute() {
        byte[] generation = {0, 0, 0, 1, 8, 0, 1, 0, 0, 0, 1, 2};
        kernel.answer(message(0xa0f, 0, 1, generation)).answer(end(1, 0));
        assertEquals(258, NftBatch.generation(socket));
    }

    @Test
    void elementsOfAMapAreReadBack() {
        kernel.answer(end(1, 0));
        NftBatch.Element element = NftBatch.Element.entry(new byte[] {6, 0, 0, 0, 0, 80, 0, 0}, new byte[] {10, 0, 0, 2, 0, 80, 0, 0});
        Messages batch = new NftBatch("berth").add("ports", List.of(element)).close();
        byte[] sent = batch.bytes(1);
        // the kernel answers a listing with the message that made the elements
        int start = 20;
        byte[] payload = Arrays.copyOfRange(sent, start + 16, sent.length - 20);
        ScriptedNetlink other = new ScriptedNetlink();
        other.answer(message(0xa0c, 2, 1, payload), message(3, 2, 1, new byte[4]));
        assertEquals(List.of(element), NftBatch.elements(NetlinkSocket.netfilter(other), "berth", "ports"));
    }

    private static String littleEndian(byte[] bytes) {
        assumeTrue(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN);
        return HexFormat.of().formatHex(bytes);
    }
}
