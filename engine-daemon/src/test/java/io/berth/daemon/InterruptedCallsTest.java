package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The daemon is killed in the middle of calls: what it has acknowledged is there afterwards, and nothing is half made. */
class InterruptedCallsTest extends ContainerTest {

    private static final int CALLERS = 10;
    private static final int CALLS_BEFORE_THE_KILL = 50;

    /** What the engine has acknowledged last of each container, by name; an entry that is not there was never answered. */
    private final Map<String, String> acknowledged = new ConcurrentHashMap<>();

    @Test
    void afterAKillAmidCreateStartAndRemoveTheAnsweredIsThereAndNothingIsHalfMade() throws Exception {
        engine.requireBerth("kills the daemon");
        run("--rm", IMAGE, "true").succeeded(); // the first container on the bridge makes the bridge, which stays
        Set<String> before = engine.traces();
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            int caller = i;
            callers.add(Thread.ofVirtual().start(() -> callUntilTheEnd(caller)));
        }
        Await.until("enough calls", PATIENCE, () -> acknowledged.size() >= CALLS_BEFORE_THE_KILL, acknowledged::toString);
        engine.kill();
        for (Thread caller : callers) {
            caller.join();
        }
        engine.startDaemon();
        Map<String, String> states = states();
        acknowledged.forEach((name, last) -> assertAsAcknowledged(name, last, states));
        assertTrue(ids().containsAll(directories()), () -> "directories without a container among " + docker("ps", "-aq", "--no-trunc").out());
        for (String name : states.keySet()) {
            docker("rm", "-f", name).succeeded();
        }
        assertEquals(Map.of(), states());
        Await.until("every trace to be gone", Duration.ofSeconds(20), () -> before.containsAll(engine.traces()), () -> engine.traces() + "\ninstead of " + before);
        for (String name : acknowledged.keySet()) {
            docker(marked("create", "--name", name, IMAGE)).succeeded();
        }
    }

    /** Creates, starts and removes containers until the daemon is gone, keeping two of three. */
    private void callUntilTheEnd(int caller) {
        try (RawHttp http = engine.connect()) {
            for (int i = 0; true; i++) {
                String name = "berth-test-" + caller + "-" + i;
                if (call(http, "POST", "create?name=" + name, """
                        {"Image":"%s","Cmd":["sleep","1000"],"Labels":{"%s":""},"HostConfig":{"NetworkMode":"%s"}}"""
                        .formatted(IMAGE, MARK, i % 2 == 0 ? "none" : "bridge")) == 201) {
                    acknowledged.put(name, "created");
                }
                if (i % 3 == 1) {
                    acknowledged.put(name, "being started");
                    call(http, "POST", name + "/start", "");
                    acknowledged.put(name, "running");
                } else if (i % 3 == 2) {
                    acknowledged.put(name, "being removed");
                    call(http, "DELETE", name, "");
                    acknowledged.put(name, "removed");
                }
            }
        } catch (IOException | java.io.UncheckedIOException killed) {
            assertTrue(acknowledged.size() >= CALLS_BEFORE_THE_KILL, () -> "the connection ended before the kill: " + killed);
        }
    }

    private static int call(RawHttp http, String method, String path, String json) throws IOException {
        RawHttp.Answer answer = http.request(method, "/v1.51/containers/" + path, json);
        assertTrue(answer.status() < 300, answer::text);
        return answer.status();
    }

    private static void assertAsAcknowledged(String name, String last, Map<String, String> states) {
        Set<String> possible = switch (last) {
            case "created" -> Set.of("created");
            case "being started" -> Set.of("created", "running");
            case "running" -> Set.of("running");
            case "being removed" -> Set.of("created", "gone");
            default -> Set.of("gone");
        };
        String is = states.getOrDefault(name, "gone");
        assertTrue(possible.contains(is), name + ", acknowledged as " + last + ", is " + is);
    }

    private static Map<String, String> states() {
        return docker("ps", "-a", "--format", "{{.Names}} {{.State}}").succeeded().lines().map(line -> line.split(" "))
                .collect(Collectors.toMap(words -> words[0], words -> words[1]));
    }

    private static Set<String> ids() {
        return new TreeSet<>(docker("ps", "-aq", "--no-trunc").succeeded().lines().toList());
    }

    private static Set<String> directories() throws IOException {
        try (Stream<Path> entries = Files.list(engine.dataRoot().resolve("containers"))) {
            return entries.filter(Files::isDirectory).map(entry -> entry.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @Test
    void containersOfRmThatEndWhileNoDaemonIsThereAreRemovedAfterwards() throws Exception {
        engine.requireBerth("kills the daemon");
        Path go = Files.createTempDirectory(engine.scratch(), "go");
        String id = runDetached("--rm", "-v", go + ":/go", IMAGE, "sh", "-c", "until [ -e /go/on ]; do sleep 0.02; done; touch /go/over");
        String stays = runDetached(IMAGE, "sh", "-c", "trap 'exit 4' TERM; echo ready; while :; do sleep 0.05; done");
        awaitLog(stays, "ready");
        engine.kill();
        Files.createFile(go.resolve("on"));
        Await.until("the container's end", PATIENCE, () -> Files.exists(go.resolve("over")), () -> "it goes on");
        engine.startDaemon();
        Await.until("the removal", PATIENCE, () -> docker("container", "inspect", id).code() == 1, () -> docker("ps", "-a").out());
        docker("stop", stays).succeeded();
        assertEquals("4", inspect(stays, ".State.ExitCode"));
    }
}
