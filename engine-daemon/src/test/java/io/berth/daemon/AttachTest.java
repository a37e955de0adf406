package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
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
            RawStream raw = attached(id, "logs=1&stream=1&stdout=1&stdin=1");
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
            RawStream raw = attached(id, "logs=1&stream=1&stdout=1&stdin=1");
            raw.send("\n");
            assertEquals("no end, and the end\n", raw.rest(), driver);
        }
    }

    @Test
    void whoAttachesWithTheLogBeforeTheStartMissesNothing() throws Exception {
        for (int attempt = 0; attempt < 5; attempt++) {
            String id = docker(marked("create", IMAGE, "sh", "-c", NUMBERS)).succeeded().strip();
            RawStream raw = attached(id, "logs=1&stream=1&stdout=1");
            docker("start", id).succeeded();
            assertEquals(ALL, raw.rest().lines().toList());
        }
    }

    @Test
    void theLogOfAnEndedContainerIsAllThereIs() throws Exception {
        String id = runDetached(IMAGE, "sh", "-c", "echo one; echo two");
        docker("wait", id).succeeded();
        assertEquals("one\ntwo\n", attached(id, "logs=1&stdout=1").rest());
        assertEquals("", attached(id, "stdout=1").rest());
    }

    @Test
    void whoAsksForNoStreamIsNotKeptWaitingForTheEnd() throws Exception {
        String id = runDetached("-i", IMAGE, "sleep", "1000");
        for (String query : List.of("stream=1", "stream=1&logs=1", "stream=1&stdout=0")) {
            assertEquals("", attached(id, query).rest());
        }
    }

    @Test
    void theDeleteKeyDetachesWhoNamesIt() throws Exception {
        String id = runDetached("-it", IMAGE, "cat");
        // With a terminal there are no frames: the first byte that is not the end would fail the reading.
        RawStream stream = attached(id, "stream=1&stdin=1&stdout=1&detachKeys=ctrl-a,DEL");
        stream.send(new byte[] {1});
        stream.send(new byte[] {127});
        assertEquals("", stream.rest());
        assertEquals("true", inspect(id, ".State.Running"));
    }

    @Test
    void severalClientsEachGetEverythingAndOneThatLeavesDisturbsNobody() throws Exception {
        String id = docker(marked("create", "-i", IMAGE, "sh", "-c", "read x; " + NUMBERS)).succeeded().strip();
        List<RawStream> clients = List.of(attached(id, "stream=1&stdout=1"), attached(id, "stream=1&stdout=1"), attached(id, "stream=1&stdout=1&stdin=1"));
        docker("start", id).succeeded();
        clients.getFirst().close();
        clients.getLast().send("go\n");
        assertEquals(ALL, clients.get(1).rest().lines().toList());
        assertEquals(ALL, clients.get(2).rest().lines().toList());
    }

    @Test
    void aClientThatReadsNothingAndGoesHoldsNobodyBack() throws Exception {
        String id = docker(marked("create", IMAGE, "sh", "-c", "head -c 30000000 /dev/zero; echo; echo done >&2")).succeeded().strip();
        RawStream lazy = attached(id, "stream=1&stdout=1");
        docker("start", id).succeeded();
        lazy.close();
        assertEquals("0\n", docker("wait", id).succeeded());
    }

    @Test
    void throughAWebSocketTheBytesAreBare() throws Exception {
        String id = docker(marked("create", "-i", IMAGE, "sh", "-c", "read x; echo got $x; echo err >&2; exit 3")).succeeded().strip();
        try (RawStream stream = RawStream.open(engine.socket(), "GET /v1.51/containers/" + id + "/attach/ws?stream=1&stdin=1&stdout=1&stderr=1 HTTP/1.1\r\n"
                + "Host: d\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nOrigin: http://d\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", "HTTP/1.1 101 ", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")) {
            docker("start", id).succeeded();
            stream.send(new byte[] {(byte) 0x82, (byte) 0x83, 0, 0, 0, 0, 'h', 'i', '\n'});
            assertEquals("err\ngot hi\n", stream.messages().lines().sorted().map(line -> line + "\n").collect(Collectors.joining()));
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

    private static RawStream attached(String id, String query) throws IOException {
        return RawStream.attach(engine.socket(), id, query);
    }
}
