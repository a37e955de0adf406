package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code docker logs}, of containers that run and that have ended. */
class LogsTest extends ContainerTest {

    @Test
    void followedLogsComeAsTheyAreWrittenAndEndWithTheContainer() throws Exception {
        Path go = Files.createTempDirectory(engine.scratch(), "go");
        String id = runDetached("-v", go + ":/go", IMAGE, "sh", "-c", "echo one; until [ -e /go/on ]; do sleep 0.02; done; echo two; echo three >&2");
        Process logs = engine.docker().start("logs", "-f", id);
        assertEquals("one\n", new String(logs.getInputStream().readNBytes(4), StandardCharsets.UTF_8));
        Files.createFile(go.resolve("on"));
        String rest = new String(logs.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(List.of("three", "two"), rest.lines().sorted().toList());
        assertEquals(0, logs.waitFor());
    }

    @Test
    void followingAnEndedContainerReturnsAtOnce() {
        assertEquals("1\n2\n3\n", docker("logs", "-f", ended("seq 3")).succeeded());
    }

    @Test
    void theTailIsTheLastLines() {
        String id = ended("seq 5");
        assertEquals("4\n5\n", docker("logs", "--tail", "2", id).succeeded());
        assertEquals("", docker("logs", "--tail", "0", id).succeeded());
        assertEquals("1\n2\n3\n4\n5\n", docker("logs", "--tail", "all", id).succeeded());
        assertEquals("1\n2\n3\n4\n5\n", docker("logs", "-n", "100", id).succeeded());
    }

    @Test
    void timestampsAreOfTheWritingAndBoundTheLog() {
        Instant before = Instant.now();
        String id = ended("echo early; sleep 1.2; echo late");
        List<String> lines = docker("logs", "-t", id).succeeded().lines().toList();
        assertEquals(2, lines.size(), lines::toString);
        Instant early = Instant.parse(lines.get(0).split(" ")[0]);
        Instant late = Instant.parse(lines.get(1).split(" ")[0]);
        assertTrue(before.isBefore(early) && early.plusSeconds(1).isBefore(late) && late.isBefore(Instant.now()), lines::toString);
        String between = early.plusMillis(600).toString();
        assertEquals("late\n", docker("logs", "--since", between, id).succeeded());
        assertEquals("early\n", docker("logs", "--until", between, id).succeeded());
        assertEquals("early\nlate\n", docker("logs", "--since", "1h", id).succeeded());
    }

    @Test
    void theTwoOutputsStayApart() {
        Commands.Result logs = docker("logs", ended("echo out; echo err >&2"));
        assertEquals("out\n", logs.succeeded());
        assertEquals("err\n", logs.err());
    }

    @Test
    void aTerminalsLogIsOneStreamWithItsOwnLineEnds() {
        assertEquals("out\r\nerr\r\n", docker("logs", ended("echo out; echo err >&2", "-t")).succeeded());
    }

    @Test
    void aSecondRunsLinesFollowTheFirst() {
        String id = ended("echo again");
        docker("start", "-a", id).succeeded();
        assertEquals("again\nagain\n", docker("logs", id).succeeded());
    }

    @Test
    void linesOfAnyLengthAndContentAreKept() {
        String id = ended("head -c 100000 /dev/zero | tr '\\0' x; echo; printf '\\001\\002'; echo; echo end");
        assertEquals("x".repeat(100_000) + "\n\u0001\u0002\nend\n", docker("logs", id).succeeded());
    }

    @Test
    void askingForNeitherOutputIsRefused() {
        RawHttp.Answer answer = engine.get("/v1.51/containers/" + ended("true") + "/logs");
        assertEquals(400, answer.status());
        assertEquals("Bad parameters: you must choose at least one stream", message(answer));
    }

    @Test
    void headersOfFollowedLogsComeBeforeAnyLine() throws IOException {
        String id = runDetached(IMAGE, "sleep", "1000");
        try (RawHttp http = engine.connect()) {
            http.sendHead("GET", "/v1.51/containers/" + id + "/logs?follow=1&stdout=1", java.util.Map.of(), 0);
            assertEquals(200, http.readHead().status());
        }
    }

    private static String ended(String script, String... options) {
        java.util.ArrayList<String> words = new java.util.ArrayList<>(List.of(options));
        words.addAll(List.of(IMAGE, "sh", "-c", script));
        String id = runDetached(words.toArray(String[]::new));
        docker("wait", id).succeeded();
        return id;
    }
}
