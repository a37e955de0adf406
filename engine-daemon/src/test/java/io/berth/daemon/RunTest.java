package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** {@code docker run}: what goes in, what comes out, and how it ends. */
class RunTest extends ContainerTest {

    private static final int LARGE = 10 * 1024 * 1024;

    @Test
    void echoPrintsItsWords() {
        Commands.Result result = run("--rm", IMAGE, "echo", "hi");
        assertEquals("hi\n", result.succeeded());
        assertEquals("", result.err());
    }

    @Test
    void inputOfAPipeGoesThroughCat() {
        assertEquals("x\n", engine.docker().runWithInput("x\n".getBytes(StandardCharsets.UTF_8), marked("run", "-i", "--rm", IMAGE, "cat")).succeeded());
    }

    @Test
    void withoutDashIThereIsNoInput() {
        assertEquals("0\n", engine.docker().runWithInput("x\n".getBytes(StandardCharsets.UTF_8), marked("run", "--rm", IMAGE, "wc", "-c")).succeeded());
    }

    @Test
    void tenMegabytesGoThroughCatByteForByte() throws Exception {
        long seed = System.nanoTime();
        byte[] bytes = new byte[LARGE];
        new Random(seed).nextBytes(bytes);
        Process cat = engine.docker().start(marked("run", "-i", "--rm", IMAGE, "cat"));
        Thread.ofVirtual().start(() -> feed(cat, bytes));
        byte[] back = cat.getInputStream().readAllBytes();
        assertEquals(0, cat.waitFor());
        assertEquals(bytes.length, back.length);
        assertArrayEquals(bytes, back, "seed " + seed);
    }

    private static void feed(Process process, byte[] bytes) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(bytes);
        } catch (IOException closed) {
            throw new UncheckedIOException(closed);
        }
    }

    @Test
    void outputAndErrorsStayApart() {
        Commands.Result result = script("echo out; echo err >&2; echo more");
        assertEquals("out\nmore\n", result.succeeded());
        assertEquals("err\n", result.err());
    }

    @Test
    void outputThatEndsWithoutANewlineIsComplete() {
        assertEquals("no newline", script("printf 'no newline'").succeeded());
    }

    /** The client starts the container as soon as it hears that it is attached. */
    @Test
    void theFirstWordsOfAHurriedContainerReachWhoAttachedBefore() throws Exception {
        try (RawHttp control = engine.connect()) {
            for (int i = 0; i < 100; i++) {
                String id = json(control.request("POST", "/v1.51/containers/create", """
                        {"Image":"%s","Cmd":["echo","hi"],"Labels":{"%s":""},"HostConfig":{"NetworkMode":"none","AutoRemove":true}}"""
                        .formatted(IMAGE, MARK))).get("Id").asText();
                try (RawHttp attached = engine.connect()) {
                    attached.sendHead("POST", "/v1.51/containers/" + id + "/attach?stream=1&stdout=1", Map.of("Upgrade", "tcp", "Connection", "Upgrade"), 0);
                    assertEquals(101, attached.readHead().status());
                    assertEquals(204, control.request("POST", "/v1.51/containers/" + id + "/start", "").status());
                    assertArrayEquals(new byte[] {1, 0, 0, 0, 0, 0, 0, 3, 'h', 'i', '\n'}, attached.in().readAllBytes(), "round " + i);
                }
            }
        }
    }

    @Test
    void theExitCodeIsThatOfTheProgram() {
        for (int code : new int[] {0, 1, 3, 143, 255}) {
            assertEquals(code, script("exit " + code).code());
        }
    }

    @Test
    void aContainerKilledFromOutsideEndsWith137() throws Exception {
        Process run = engine.docker().start(marked("run", "--name", "berth-test-killed", IMAGE, "sleep", "1000"));
        awaitRunning("berth-test-killed");
        docker("kill", "berth-test-killed").succeeded();
        assertEquals(137, run.waitFor());
        assertEquals("137 false false", inspect("berth-test-killed", ".State.ExitCode}} {{.State.Running}} {{.State.OOMKilled"));
    }

    @Test
    void aSignalToTheClientReachesTheProgram() throws Exception {
        Process run = engine.docker().start(marked("run", "--rm", "--name", "berth-test-signalled", IMAGE, "sh", "-c",
                "trap 'echo got USR1; exit 3' USR1; echo ready; while :; do sleep 0.05; done"));
        byte[] ready = run.getInputStream().readNBytes("ready\n".length());
        assertEquals("ready\n", new String(ready, StandardCharsets.UTF_8));
        // Of a TERM the CLI may also end what it does, and then tells nobody of it.
        Commands.run("kill", "-USR1", Long.toString(run.pid())).succeeded();
        assertEquals("got USR1\n", new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        assertEquals(3, run.waitFor());
    }

    @Test
    void whatCannotBeRunEndsWith125And126And127() {
        assertFails(125, "unknown flag", run("--no-such-option", IMAGE, "true"));
        assertFails(125, "cannot specify both --restart and --rm", run("--rm", "--restart", "always", IMAGE, "true"));
        assertFails(127, "executable file not found in $PATH", run("--rm", IMAGE, "no-such-command"));
        assertFails(127, "no such file or directory", run("--rm", IMAGE, "/no/such/command"));
        assertFails(126, "permission denied", run("--rm", IMAGE, "/etc/passwd"));
        assertFails(126, "permission denied", run("--rm", IMAGE, "/etc"));
    }

    @Test
    void aContainerThatCouldNotBeStartedStaysAndSaysWhy() {
        assertEquals(127, run("--name", "berth-test-missing", IMAGE, "no-such-command").code());
        assertEquals("created 127", inspect("berth-test-missing", ".State.Status}} {{.State.ExitCode"));
        assertTrue(inspect("berth-test-missing", ".State.Error").contains("no-such-command"), inspect("berth-test-missing", ".State.Error"));
    }

    private static void awaitRunning(String name) {
        Await.until(name + " to run", PATIENCE, () -> docker("container", "inspect", "--format", "{{.State.Running}}", name).out().equals("true\n"),
                () -> docker("ps", "-a").out());
    }
}
