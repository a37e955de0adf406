package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Clients that attach: with the log and without, before the start and after, through a WebSocket. */
class AttachTest extends ContainerTest {

    private static final String NUMBERS = "i=1000; while [ $i -lt 3000 ]; do echo $i; [ $((i % 200)) != 0 ] || sleep 0.02; i=$((i+1)); done";
    private static final List<String> ALL = IntStream.range(1000, 3000).mapToObj(Integer::toString).toList();

    @Test
    void whoAsksForTheLogGetsEachByteOnceWhileTheContainerSpeaks() throws Exception {
        engine.requireBerth("the reference loses or doubles what is written between the log and the stream");
        for (int attempt = 0; attempt < 10; attempt++) {
            String id = runDetached("-i", IMAGE, "sh", "-c", NUMBERS + "; read x");
            Raw raw = new Raw(id, "logs=1&stream=1&stdout=1&stdin=1");
            raw.send("\n");
            assertEquals(ALL, raw.rest().lines().toList(), "attempt " + attempt);
        }
    }

    @Test
    void anUnfinishedLineIsContinuedWhereItWas() throws Exception {
        engine.requireBerth("the reference shows an unfinished line nowhere");
        for (String driver : List.of("json-file", "local")) {
            String id = runDetached("-i", "--log-driver", driver, IMAGE, "sh", "-c", "printf 'no end, '; read x; echo and the end");
            Await.until("the line", PATIENCE, () -> driver.equals("json-file") || docker("logs", id).out().contains("no end"), () -> "");
            Raw raw = new Raw(id, "logs=1&stream=1&stdout=1&stdin=1");
            raw.send("\n");
            assertEquals("no end, and the end\n", raw.rest(), driver);
        }
    }

    @Test
    void whoAttachesWithTheLogBeforeTheStartMissesNothing() throws Exception {
        for (int attempt = 0; attempt < 5; attempt++) {
            String id = docker(marked("create", IMAGE, "sh", "-c", NUMBERS)).succeeded().strip();
            Raw raw = new Raw(id, "logs=1&stream=1&stdout=1");
            docker("start", id).succeeded();
            assertEquals(ALL, raw.rest().lines().toList());
        }
    }

    @Test
    void theLogOfAnEndedContainerIsAllThereIs() throws Exception {
        String id = runDetached(IMAGE, "sh", "-c", "echo one; echo two");
        docker("wait", id).succeeded();
        assertEquals("one\ntwo\n", attach(id, "logs=1&stdout=1"));
        assertEquals("", attach(id, "stdout=1"));
    }

    @Test
    void whoAsksForNoStreamIsNotKeptWaitingForTheEnd() throws Exception {
        String id = runDetached("-i", IMAGE, "sleep", "1000");
        for (String query : List.of("stream=1", "stream=1&logs=1", "stream=1&stdout=0")) {
            assertEquals("", attach(id, query));
        }
    }

    @Test
    void theDeleteKeyDetachesWhoNamesIt() throws Exception {
        String id = runDetached("-it", IMAGE, "cat");
        try (SocketChannel socket = connect()) {
            DataInputStream in = new DataInputStream(Channels.newInputStream(socket));
            head(socket, in, "POST /v1.51/containers/" + id + "/attach?stream=1&stdin=1&stdout=1&detachKeys=ctrl-a,DEL HTTP/1.1\r\nHost: d\r\n"
                    + "Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 101 ");
            socket.write(java.nio.ByteBuffer.wrap(new byte[] {1}));
            socket.write(java.nio.ByteBuffer.wrap(new byte[] {127}));
            assertEquals(-1, in.read());
        }
        assertEquals("true", inspect(id, ".State.Running"));
    }

    @Test
    void severalClientsEachGetEverythingAndOneThatLeavesDisturbsNobody() throws Exception {
        String id = docker(marked("create", "-i", IMAGE, "sh", "-c", "read x; " + NUMBERS)).succeeded().strip();
        List<Raw> clients = List.of(new Raw(id, "stream=1&stdout=1"), new Raw(id, "stream=1&stdout=1"), new Raw(id, "stream=1&stdout=1&stdin=1"));
        docker("start", id).succeeded();
        clients.getFirst().close();
        clients.getLast().send("go\n");
        assertEquals(ALL, clients.get(1).rest().lines().toList());
        assertEquals(ALL, clients.get(2).rest().lines().toList());
    }

    @Test
    void aClientThatReadsNothingAndGoesHoldsNobodyBack() throws Exception {
        String id = docker(marked("create", IMAGE, "sh", "-c", "head -c 30000000 /dev/zero; echo; echo done >&2")).succeeded().strip();
        Raw lazy = new Raw(id, "stream=1&stdout=1");
        docker("start", id).succeeded();
        lazy.close();
        assertEquals("0\n", docker("wait", id).succeeded());
    }

    @Test
    void throughAWebSocketTheBytesAreBare() throws Exception {
        String id = docker(marked("create", "-i", IMAGE, "sh", "-c", "read x; echo got $x; echo err >&2; exit 3")).succeeded().strip();
        try (SocketChannel socket = connect()) {
            DataInputStream in = new DataInputStream(Channels.newInputStream(socket));
            head(socket, in, "GET /v1.51/containers/" + id + "/attach/ws?stream=1&stdin=1&stdout=1&stderr=1 HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\n"
                    + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nOrigin: http://d\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                    "HTTP/1.1 101 ", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
            docker("start", id).succeeded();
            socket.write(java.nio.ByteBuffer.wrap(new byte[] {(byte) 0x82, (byte) 0x83, 0, 0, 0, 0, 'h', 'i', '\n'}));
            ByteArrayOutputStream got = new ByteArrayOutputStream();
            while (true) {
                int first = in.read();
                if (first < 0 || (first & 0x0f) == 8) {
                    break;
                }
                assertEquals(0x82, first);
                got.writeBytes(in.readNBytes(in.read()));
            }
            assertEquals("err\ngot hi\n", got.toString(StandardCharsets.UTF_8).lines().sorted().map(line -> line + "\n").collect(Collectors.joining()));
        }
        assertEquals("3\n", docker("wait", id).succeeded());
    }

    @Test
    void whoDoesNotAskForAWebSocketIsRefused() {
        String id = runDetached(IMAGE, "sleep", "1000");
        RawHttp.Answer answer = engine.get("/v1.51/containers/" + id + "/attach/ws?stream=1");
        assertEquals(400, answer.status());
        assertTrue(answer.text().contains("not websocket protocol"), answer.text());
        assertEquals(404, engine.get("/v1.51/containers/nosuch/attach/ws?stream=1").status());
    }

    private static String attach(String id, String query) throws IOException {
        return new Raw(id, query).rest();
    }

    private static SocketChannel connect() throws IOException {
        SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
        socket.connect(UnixDomainSocketAddress.of(engine.socket()));
        return socket;
    }

    private static void head(SocketChannel socket, DataInputStream in, String request, String... expected) throws IOException {
        socket.write(java.nio.ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            assertTrue(next >= 0, head::toString);
            head.append((char) next);
        }
        for (String part : expected) {
            assertTrue(head.indexOf(part) >= 0, head::toString);
        }
    }

    /** An attached connection without a terminal: its frames. */
    private static final class Raw {
        private final SocketChannel socket = connect();
        private final DataInputStream in = new DataInputStream(Channels.newInputStream(socket));

        Raw(String id, String query) throws IOException {
            head(socket, in, "POST /v1.51/containers/" + id + "/attach?" + query + " HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
                    + "Content-Length: 0\r\n\r\n", "HTTP/1.1 101 ");
        }

        void send(String text) throws IOException {
            socket.write(java.nio.ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        }

        /** All payloads to the end. */
        String rest() throws IOException {
            ByteArrayOutputStream payloads = new ByteArrayOutputStream();
            for (int stream; (stream = in.read()) >= 0; ) {
                assertTrue(stream == 1 || stream == 2, "no frame: " + stream);
                in.readNBytes(3);
                payloads.writeBytes(in.readNBytes(in.readInt()));
            }
            socket.close();
            return payloads.toString(StandardCharsets.UTF_8);
        }

        void close() throws IOException {
            socket.close();
        }
    }
}
