package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import com.fasterxml.jackson.databind.JsonNode;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.Map;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Containers through their lives: started, stopped, listed, watched, removed. */
class LifecycleTest extends ContainerTest {

    /** Ends with 5 when it is told to stop. */
    private static final String POLITE = "trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done";

    @Test
    void aContainerIsCreatedStartedStoppedStartedRestartedAndRemoved() {
        String id = docker(marked("create", "--name", "berth-test-life", IMAGE, "sh", "-c", POLITE)).succeeded().strip();
        assertEquals("created 0 0001-01-01T00:00:00Z", inspect(id, ".State.Status}} {{.State.Pid}} {{.State.StartedAt"));
        docker("start", "berth-test-life").succeeded();
        awaitLog(id, "ready");
        assertEquals("running true", inspect(id, ".State.Status}} {{.State.Running"));
        String first = inspect(id, ".State.StartedAt");
        docker("stop", id).succeeded();
        assertEquals("exited 5 false", inspect(id, ".State.Status}} {{.State.ExitCode}} {{.State.Running"));
        docker("start", id).succeeded();
        docker("restart", "-t", "0", id).succeeded();
        awaitState(id, "running");
        assertTrue(Instant.parse(first).isBefore(Instant.parse(inspect(id, ".State.StartedAt"))));
        assertFails(1, "container is running: stop the container before removing or force remove", docker("rm", id));
        docker("rm", "-f", id).succeeded();
        assertFails(1, "No such container: " + id, docker("container", "inspect", id));
    }

    @Test
    void startingWhatRunsAndStoppingWhatDoesNotChangesNothing() {
        String id = runDetached(IMAGE, "sleep", "1000");
        assertEquals(304, engine.request("POST", "/v1.51/containers/" + id + "/start", "").status());
        docker("stop", "-t", "0", id).succeeded();
        assertEquals(304, engine.request("POST", "/v1.51/containers/" + id + "/stop", "").status());
        RawHttp.Answer kill = engine.request("POST", "/v1.51/containers/" + id + "/kill", "");
        assertEquals(409, kill.status());
        assertTrue(message(kill).startsWith("cannot kill container: "), message(kill));
        assertTrue(message(kill).endsWith("is not running"), message(kill));
    }

    @Test
    void stopKillsWhoDoesNotListenAndSendsTheSignalAskedFor() {
        String deaf = runDetached(IMAGE, "sleep", "1000");
        docker("stop", "-t", "0", deaf).succeeded();
        assertEquals("137", inspect(deaf, ".State.ExitCode"));
        String user = runDetached("--stop-signal", "USR1", IMAGE, "sh", "-c", "trap 'exit 9' USR1; echo ready; while :; do sleep 0.05; done");
        awaitLog(user, "ready");
        docker("stop", user).succeeded();
        assertEquals("9", inspect(user, ".State.ExitCode"));
        String timed = runDetached("--stop-timeout", "1", IMAGE, "sleep", "1000");
        long start = System.nanoTime();
        docker("stop", timed).succeeded();
        long millis = (System.nanoTime() - start) / 1_000_000;
        assertTrue(millis >= 1000 && millis < 9000, millis + " ms");
    }

    @Test
    void aSignalIsSentWithoutEndingTheContainer() {
        String id = runDetached(IMAGE, "sh", "-c", "trap 'echo hup' HUP; echo ready; while :; do sleep 0.05; done");
        awaitLog(id, "ready");
        docker("kill", "-s", "HUP", id).succeeded();
        awaitLog(id, "hup");
        assertEquals("true", inspect(id, ".State.Running"));
        assertFails(1, "cannot kill container: " + id + ": invalid signal: NOSUCH", docker("kill", "-s", "NOSUCH", id));
        assertFails(1, "cannot stop container: " + id + ": invalid signal: NOSUCH", docker("stop", "-s", "NOSUCH", id));
        assertFails(1, "cannot kill container: nobody: No such container: nobody", docker("kill", "nobody"));
    }

    @Test
    void aSizeIsTakenFromAClientWhateverTheContainerHas() {
        String plain = runDetached(IMAGE, "sleep", "1000");
        assertEquals(200, engine.request("POST", "/v1.51/containers/" + plain + "/resize?h=10&w=20", "").status());
        String terminal = runDetached("-t", IMAGE, "sh", "-c", "while :; do stty size; sleep 0.05; done");
        assertEquals(200, engine.request("POST", "/v1.51/containers/" + terminal + "/resize?h=10&w=20", "").status());
        awaitLog(terminal, "10 20");
        docker("kill", plain).succeeded();
        assertEquals(409, engine.request("POST", "/v1.51/containers/" + plain + "/resize?h=10&w=20", "").status());
    }

    @Test
    void whatIsKilledHasEndedWhenTheAnswerComes() {
        for (int round = 0; round < 20; round++) {
            String id = runDetached(IMAGE, "sleep", "1000");
            if (round % 2 == 1) {
                docker("pause", id).succeeded();
            }
            docker("kill", id).succeeded();
            assertEquals("exited 137", inspect(id, ".State.Status}} {{.State.ExitCode"), "round " + round);
            docker("rm", id).succeeded();
        }
    }

    @Test
    void waitReturnsTheExitCodeBeforeAndAfterTheEnd() throws Exception {
        String id = runDetached(IMAGE, "sh", "-c", POLITE);
        awaitLog(id, "ready");
        Process waiting = engine.docker().start("wait", id);
        docker("kill", "-s", "TERM", id).succeeded();
        assertTrue(waiting.waitFor(20, TimeUnit.SECONDS));
        assertEquals("5\n", new String(waiting.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII));
        assertEquals("5\n", docker("wait", id).succeeded());
        RawHttp.Answer unknown = engine.request("POST", "/v1.51/containers/" + id + "/wait?condition=sometime", "");
        assertEquals(400, unknown.status());
        assertEquals("invalid condition: \"sometime\"", message(unknown));
    }

    @Test
    void topShowsTheProcessesOfTheContainerAlone() {
        String id = runDetached(IMAGE, "sh", "-c", "sleep 1001 & sleep 1002; true");
        Await.until("three processes", PATIENCE, () -> docker("top", id).succeeded().lines().count() == 4, () -> docker("top", id).out());
        String top = docker("top", id).succeeded();
        assertTrue(top.startsWith("UID") && top.contains("sleep 1001") && top.contains("sleep 1002"), top);
        assertEquals("COMMAND", docker("top", id, "-o", "pid,comm").succeeded().lines().findFirst().orElseThrow().strip().split(" +")[1]);
        docker("kill", id).succeeded();
        docker("wait", id).succeeded();
        assertEquals(409, engine.get("/v1.51/containers/" + id + "/top").status());
    }

    @Test
    void namesIdsAndTheirBeginningsMeanTheSameContainer() {
        String id = runDetached("--name", "berth-test-named", IMAGE, "true");
        for (String word : List.of(id, id.substring(0, 12), id.substring(0, 20), "berth-test-named", "/berth-test-named")) {
            assertEquals(id, inspect(word, ".Id"));
        }
    }

    @Test
    void everyFilterOfPsSelects() {
        String first = runDetached("--name", "berth-test-first", "--label", "colour=red", IMAGE, "sh", "-c", "exit 3");
        docker("wait", first).succeeded();
        String second = runDetached("--name", "berth-test-second", "--label", "colour=blue", "--network", "none", IMAGE, "sleep", "1000");
        String third = docker(marked("create", "--name", "berth-test-third", IMAGE, "true")).succeeded().strip();
        assertEquals("second", list());
        assertEquals("third second first", list("-a"));
        assertEquals("first", list("-a", "--filter", "name=test-fir"));
        assertEquals("second", list("-a", "--filter", "id=" + second.substring(0, 20)));
        assertEquals("first", list("-a", "--filter", "label=colour=red"));
        assertEquals("second first", list("-a", "--filter", "label=colour"));
        assertEquals("first", list("--filter", "status=exited"));
        assertEquals("third", list("-a", "--filter", "status=created"));
        assertEquals("third first", list("--filter", "status=created", "--filter", "status=exited"));
        assertEquals("third second first", list("-a", "--filter", "ancestor=" + IMAGE));
        assertEquals("third second first", list("-a", "--filter", "ancestor=berth-test"));
        assertEquals("", list("-a", "--filter", "ancestor=nothing"));
        assertEquals("first", list("-a", "--filter", "exited=3"));
        assertEquals("first", list("-a", "--filter", "before=berth-test-second"));
        assertEquals("third", list("-a", "--filter", "since=" + second));
        assertEquals("second", list("-a", "--filter", "network=none"));
        assertEquals("third", list("-n", "1"));
        assertFails(1, "invalid filter 'status=asleep'", docker("ps", "--filter", "status=asleep"));
        assertFails(1, "No such container: nothing", docker("ps", "-a", "--filter", "before=nothing"));
        docker("rm", third).succeeded();
    }

    /** The names of what {@code docker ps} lists, without what they have in common. */
    private static String list(String... options) {
        List<String> words = new java.util.ArrayList<>(List.of("ps", "--filter", "label=" + MARK, "--format", "{{.Names}}"));
        words.addAll(Arrays.asList(options));
        return docker(words.toArray(String[]::new)).succeeded().strip().replace("berth-test-", "").replace('\n', ' ');
    }

    @Test
    void eventsOfARunComeInTheirOrder() {
        Instant since = Instant.now();
        run("--rm", "--name", "berth-test-watched", IMAGE, "true").succeeded();
        Await.until("the destruction", PATIENCE, () -> events(since, "berth-test-watched").endsWith("destroy"), () -> events(since, "berth-test-watched"));
        assertEquals("create attach connect start disconnect die destroy", events(since, "berth-test-watched"));
    }

    @Test
    void eventsOfAStopComeInTheirOrder() {
        Instant since = Instant.now();
        String id = runDetached("--name", "berth-test-stopped", IMAGE, "sh", "-c", POLITE);
        awaitLog(id, "ready");
        docker("stop", id).succeeded();
        String seen = events(since, "berth-test-stopped");
        boolean eitherWay = engine.isReference() && seen.equals("create connect start kill disconnect stop die");
        assertTrue(eitherWay || seen.equals("create connect start kill disconnect die stop"), seen);
        assertEquals("15 5", docker("events", "--since", since.toString(), "--until", Instant.now().toString(), "--filter", "container=" + id, "--format",
                "{{with .Actor.Attributes.signal}}{{.}} {{end}}{{with .Actor.Attributes.exitCode}}{{.}}{{end}}").succeeded().replace("\n", "").strip());
    }

    /** The actions on a container and on its network, in order. */
    private static String events(Instant since, String name) {
        String id = docker("events", "--since", since.toString(), "--until", Instant.now().toString(), "--filter", "container=" + name, "--filter", "event=create",
                "--format", "{{.Actor.ID}}").succeeded().strip();
        String all = docker("events", "--since", since.toString(), "--until", Instant.now().toString(), "--filter", "type=container", "--filter", "type=network",
                "--format", "{{.Action}} {{.Actor.ID}} {{.Actor.Attributes.container}}").succeeded();
        return String.join(" ", all.lines().filter(line -> line.contains(id)).map(line -> line.split(" ")[0]).toList());
    }

    @Test
    void aContainerOfRmIsGoneAfterItsEnd() {
        String id = runDetached("--rm", IMAGE, "true");
        Await.until("the removal", PATIENCE, () -> docker("container", "inspect", id).code() == 1, () -> docker("ps", "-a").out());
        assertFalse(docker("ps", "-aq", "--no-trunc").out().contains(id));
    }

    @Test
    void aHundredContainersStartAtTheSameTime() throws Exception {
        List<String> ids = new java.util.concurrent.CopyOnWriteArrayList<>();
        List<Thread> threads = new java.util.ArrayList<>();
        for (int i = 0; i < 100; i++) {
            String network = i % 2 == 0 ? "none" : "bridge";
            threads.add(Thread.ofVirtual().start(() -> ids.add(startedByHand(network))));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(100, ids.size());
        for (String id : ids) {
            assertEquals(7, json(engine.request("POST", "/v1.51/containers/" + id + "/wait", "")).get("StatusCode").asInt());
        }
    }

    private static String startedByHand(String network) {
        RawHttp.Answer created = engine.request("POST", "/v1.51/containers/create", """
                {"Image":"%s","Cmd":["sh","-c","exit 7"],"Labels":{"%s":""},"HostConfig":{"NetworkMode":"%s"}}""".formatted(IMAGE, MARK, network));
        assertEquals(201, created.status(), created::text);
        String id = json(created).get("Id").asText();
        RawHttp.Answer started = engine.request("POST", "/v1.51/containers/" + id + "/start", "");
        assertEquals(204, started.status(), started::text);
        return id;
    }

    @Test
    void whoWaitsForTheEndOfARunThatNeverComesIsToldWhenTheContainerIsGone() throws Exception {
        String created = docker(marked("create", IMAGE)).succeeded().strip();
        String ended = runDetached(IMAGE, "sh", "-c", "exit 5");
        docker("wait", ended).succeeded();
        assertEquals(0, exitCodeAfterRemoval(created));
        assertEquals(5, exitCodeAfterRemoval(ended));
    }

    private static int exitCodeAfterRemoval(String id) throws Exception {
        try (RawHttp waiting = engine.connect()) {
            waiting.sendHead("POST", "/v1.51/containers/" + id + "/wait?condition=next-exit", Map.of(), 0);
            RawHttp.Answer head = waiting.readHead(); // the wait has begun
            docker("rm", id).succeeded();
            return json(waiting.readBody("POST", head)).get("StatusCode").asInt();
        }
    }

    @Test
    void aWaitOfAnOldClientKnowsNoConditions() {
        String id = runDetached(IMAGE, "sh", "-c", "exit 4");
        docker("wait", id).succeeded();
        for (String condition : List.of("", "?condition=removed", "?condition=sometime")) {
            RawHttp.Answer answer = engine.request("POST", "/v1.29/containers/" + id + "/wait" + condition, "");
            assertEquals(4, json(answer).get("StatusCode").asInt());
            assertEquals(Integer.toString(answer.body().length), answer.headers().get("content-length"));
        }
    }

    @Test
    void topTakesWhatPsTakes() {
        String id = runDetached(IMAGE, "sleep", "1000");
        for (String arguments : List.of("aux", "-ef", "-eo pid,comm", "-o pid,user,args", "axf", "-x", "l", "j", "-eo user,pid,args --sort -pid")) {
            JsonNode top = json(engine.get("/v1.51/containers/" + id + "/top?ps_args=" + arguments.replace(" ", "%20")));
            assertEquals(1, top.get("Processes").size(), arguments + ": " + top);
            JsonNode row = top.get("Processes").get(0);
            assertEquals(top.get("Titles").size(), row.size(), arguments + ": " + top);
            assertTrue(row.get(row.size() - 1).asText().matches("[| ]*(\\\\_ )?sleep( 1000)?"), arguments + ": " + top);
        }
        for (String arguments : List.of("--bogus", "-eo comm", "-h")) {
            RawHttp.Answer refused = engine.get("/v1.51/containers/" + id + "/top?ps_args=" + arguments.replace(" ", "%20"));
            assertEquals(engine.isReference() ? 500 : 400, refused.status());
            assertTrue(message(refused).matches("ps: error: unknown gnu long option|Couldn't find PID field in ps output.*"), refused::text);
        }
    }
}
