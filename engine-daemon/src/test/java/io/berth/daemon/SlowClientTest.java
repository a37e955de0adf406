package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Clients that do not read: whom they hold back, how far, and for how long. */
class SlowClientTest extends ContainerTest {

    /** Writes lines of a KiB, and beside it how many it could write. */
    private static final String COUNTED = "i=0; while [ $i -lt 2500 ]; do printf '%01023d\\n' $i; i=$((i+1)); echo $i >/count; done";
    private static final String ALL = IntStream.range(0, 2500).mapToObj("%01023d\n"::formatted).collect(Collectors.joining());
    /** The reference lets a container write 1246 KiB. */
    private static final int LEAST_KIB = 1200;
    private static final int MOST_KIB = 2000;
    private static final int SAME_COUNTS = 20;

    @Test
    void aClientThatDoesNotReadHoldsItsContainerBackAsFarAsTheReferenceDoesAndMissesNothing() throws Exception {
        for (String driver : List.of("json-file", "none")) {
            String id = docker(marked("create", "--log-driver", driver, IMAGE, "sh", "-c", COUNTED)).succeeded().strip();
            RawStream slow = attached(id);
            RawStream other = attached(id);
            docker("start", id).succeeded();
            CompletableFuture<String> others = read(other);
            int held = awaitHeld(id);
            assertTrue(held >= LEAST_KIB && held <= MOST_KIB, driver + ": held back after " + held + " KiB");
            assertEquals(ALL, slow.rest(), driver);
            assertEquals(ALL, others.get(20, TimeUnit.SECONDS), driver);
            assertEquals("0\n", docker("wait", id).succeeded());
        }
    }

    @Test
    void aBusyContainersOneClientGetsEveryByteThoughItPauses() throws Exception {
        String lines = IntStream.range(1_000_000, 2_000_000).mapToObj(i -> i + "\n").collect(Collectors.joining());
        for (String driver : List.of("json-file", "none")) {
            String id = docker(marked("create", "--log-driver", driver, IMAGE, "sh", "-c",
                    "seq 1000000 1999999 >/lines; cat /lines; dd if=/lines bs=64k 2>/dev/null")).succeeded().strip();
            RawStream slow = attached(id);
            docker("start", id).succeeded();
            Await.until("the writer to be held back", PATIENCE, () -> docker("exec", id, "pidof", "cat").code() == 0, () -> docker("top", id).out());
            String got = slow.rest();
            assertEquals(2 * lines.length(), got.length(), driver);
            assertTrue(got.equals(lines + lines), driver + ": bytes are out of order");
        }
    }

    @Test
    void aClientThatIsKilledLetsItsContainerGoOn() throws Exception {
        String id = docker(marked("create", IMAGE, "sh", "-c", COUNTED)).succeeded().strip();
        // Nobody reads what the CLI prints, so it stops reading, too.
        Process client = engine.docker().start("start", "-a", id);
        Await.until("the container to start", PATIENCE, () -> count(id) > 0, () -> docker("ps", "-a").out());
        awaitHeld(id);
        client.destroyForcibly().waitFor();
        assertEquals("0\n", docker("wait", id).succeeded());
        assertEquals(ALL, docker("logs", id).succeeded());
    }

    @Test
    void whoFollowsTheLogAndDoesNotReadHoldsNobodyBack() throws Exception {
        String id = docker(marked("create", IMAGE, "sh", "-c", COUNTED)).succeeded().strip();
        docker("start", id).succeeded();
        RawStream slow = RawStream.open(engine.socket(), "GET /v1.51/containers/" + id + "/logs?follow=1&stdout=1 HTTP/1.1\r\nHost: d\r\n\r\n", "HTTP/1.1 200 ");
        assertEquals("0\n", docker("wait", id).succeeded());
        slow.close();
        assertEquals(ALL, docker("logs", id).succeeded());
    }

    @Test
    void anExecsClientThatDoesNotReadHoldsTheExecBackAndNothingElse() throws Exception {
        String id = runDetached(IMAGE, "sh", "-c", "while :; do echo alive; usleep 1000; done");
        String exec = engine.request("POST", "/v1.51/containers/" + id + "/exec", "{\"AttachStdout\":true,\"Cmd\":[\"sh\",\"-c\",\"" + COUNTED.replace("\\", "\\\\") + "\"]}")
                .text().replaceAll(".*\"Id\":\"([0-9a-f]+)\".*\\s*", "$1");
        RawStream slow = RawStream.startExec(engine.socket(), exec);
        awaitHeld(id);
        long lines = docker("logs", id).succeeded().lines().count();
        Await.until("the container to go on", PATIENCE, () -> docker("logs", id).succeeded().lines().count() > lines, () -> docker("logs", id).out());
        assertTrue(engine.get("/v1.51/exec/" + exec + "/json").text().contains("\"Running\":true"));
        assertEquals(ALL, slow.rest());
        Await.until("the exec to end", PATIENCE, () -> engine.get("/v1.51/exec/" + exec + "/json").text().contains("\"ExitCode\":0"),
                () -> engine.get("/v1.51/exec/" + exec + "/json").text());
    }

    private static RawStream attached(String id) throws IOException {
        return RawStream.attach(engine.socket(), id, "stream=1&stdout=1");
    }

    private static CompletableFuture<String> read(RawStream stream) {
        CompletableFuture<String> all = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                all.complete(stream.rest());
            } catch (IOException | AssertionError failure) {
                all.completeExceptionally(failure);
            }
        });
        return all;
    }

    /** Waits until the count stays what it is; how many lines could be written. */
    private static int awaitHeld(String id) {
        List<Integer> counts = new ArrayList<>();
        Await.until("the writer to be held back", PATIENCE, () -> {
            int now = count(id);
            if (!counts.isEmpty() && counts.getLast() != now) {
                counts.clear();
            }
            counts.add(now);
            return now > 0 && counts.size() >= SAME_COUNTS;
        }, counts::toString);
        return counts.getLast();
    }

    /** The file is empty for a moment each time it is written. */
    private static int count(String id) {
        String text = docker("exec", id, "cat", "/count").out().strip();
        return text.matches("[0-9]+") ? Integer.parseInt(text) : 0;
    }
}
