package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** {@code docker events}. */
class EventsTest extends ContainerTest {

    @Test
    void aContainersLifeIsToldInOrderWithItsAttributes() {
        String id = docker(marked("create", "--name", "events-life", IMAGE, "sh", "-c", "exit 3")).succeeded().strip();
        docker("start", id).succeeded();
        docker("wait", id).succeeded();
        docker("rename", id, "events-other").succeeded();
        docker("rm", id).succeeded();
        assertEquals(List.of("create events-life", "start events-life", "die events-life 3", "rename events-other /events-life", "destroy events-other"),
                past(id).stream().map(event -> (event.path("Action").asText() + " " + attribute(event, "name") + " " + attribute(event, "exitCode")
                        + attribute(event, "oldName")).strip()).toList());
        for (JsonNode event : past(id)) {
            assertEquals(IMAGE, attribute(event, "image"));
            assertEquals(event.get("Action"), event.get("status"));
            assertEquals(IMAGE, event.get("from").asText());
            assertEquals(event.get("timeNano").asLong() / 1_000_000_000L, event.get("time").asLong());
        }
    }

    @Test
    void aSpanThatEndsBeforeItBeginsIsRefusedAndAnUnknownFilterIsNone() {
        RawHttp.Answer answer = engine.get("/v1.51/events?since=5&until=4");
        assertEquals(400, answer.status());
        assertEquals("`since` time (5) cannot be after `until` time (4)", message(answer));
        assertEquals(200, engine.get("/v1.51/events?since=4&until=5&filters=%7B%22foo%22%3A%5B%22x%22%5D%7D").status());
        assertEquals(400, engine.get("/v1.51/events?since=4&until=5&filters=bad").status());
    }

    @Test
    void whatHappenedBeforeTheDaemonWasKilledIsStillKnown() {
        engine.requireBerth("its daemon is killed; the reference forgets");
        String id = docker(marked("create", IMAGE)).succeeded().strip();
        engine.kill();
        engine.startDaemon();
        docker("rm", id).succeeded();
        assertEquals(List.of("create", "destroy"), past(id).stream().map(event -> event.get("Action").asText()).toList());
    }

    private static String attribute(JsonNode event, String name) {
        return event.path("Actor").path("Attributes").path(name).asText();
    }

    /** A container's events up to now. */
    private static List<JsonNode> past(String id) {
        Instant now = Instant.now();
        String answer = engine.get("/v1.51/events?since=0&until=%d.%09d&filters=%%7B%%22container%%22%%3A%%5B%%22%s%%22%%5D%%7D"
                .formatted(now.getEpochSecond(), now.getNano(), id)).text();
        List<JsonNode> events = new ArrayList<>();
        answer.lines().filter(line -> !line.isBlank()).forEach(line -> events.add(json(line)));
        return events;
    }

    @Test
    void aFilterTakesTheBeginningOfANameOfWhateverKind() {
        String id = docker(marked("create", "--name", "events-begin", "-v", "events-beginning:/data", IMAGE)).succeeded().strip();
        docker("rm", id).succeeded();
        docker("volume", "rm", "events-beginning").succeeded();
        assertEquals(List.of("volume create", "container create", "container destroy", "volume destroy"),
                past("events-begin").stream().map(event -> event.path("Type").asText() + " " + event.path("Action").asText()).toList());
    }

    @Test
    void imagesTellTheirLabelsAndACommitHasItsOrder() {
        String since = Long.toString(Instant.now().getEpochSecond());
        String id = runDetached("--name", "events-commit", IMAGE, "sleep", "1000");
        docker("commit", "--change", "LABEL shown=yes", id, "events-image:1").succeeded();
        docker("tag", "events-image:1", "events-image:2").succeeded();
        docker("rmi", "events-image:1", "events-image:2").succeeded();
        List<String> told = past("").stream().filter(event -> event.get("time").asLong() >= Long.parseLong(since))
                .filter(event -> attribute(event, "shown").equals("yes") || attribute(event, "name").equals("events-commit")
                        && List.of("pause", "unpause", "commit").contains(event.get("Action").asText()))
                .map(event -> event.path("Type").asText() + " " + event.path("Action").asText()).toList();
        assertEquals(List.of("container pause", "image create", "image tag", "container commit", "container unpause", "image tag", "image untag",
                "image untag"), told);
    }

    @Test
    void aProbesEndIsToldBeforeWhatItSaysOfTheHealth() {
        String until = Long.toString(Instant.now().getEpochSecond() + 6);
        // As it happens: of the past, Berth keeps what probes find out, not that they were.
        CompletableFuture<List<String>> listening = CompletableFuture.supplyAsync(() -> docker("events", "--until", until, "--filter",
                "container=events-probe", "--format", "{{.Action}}").succeeded().lines().toList());
        String id = runDetached("--name", "events-probe", "--health-cmd", "true", "--health-interval", "2s", IMAGE, "sleep", "1000");
        List<String> told = listening.join();
        docker("rm", "-f", id).succeeded();
        assertEquals("exec_die", told.get(told.indexOf("health_status: healthy") - 1), told::toString);
    }
}
