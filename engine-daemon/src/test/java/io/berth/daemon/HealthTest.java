package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Health checks: what probes find out, and who is told. */
class HealthTest extends ContainerTest {

    private static final String QUICK = "--health-interval=100ms";

    private static String healthy(String container) {
        return inspect(container, ".State.Health.Status");
    }

    private static void awaitHealth(String container, String health) {
        Await.until(container + " to be " + health, PATIENCE, () -> healthy(container).equals(health), () -> inspect(container, "json .State"));
    }

    private static String status(String container) {
        return docker("ps", "-a", "--filter", "id=" + container, "--format", "{{.Status}}").succeeded().strip();
    }

    private static JsonNode log(String container) {
        return json(inspect(container, "json .State.Health.Log"));
    }

    @Test
    void aContainerStartsBecomesHealthyAndUnhealthyAndHealthyAgain() {
        String since = json(engine.get("/info")).path("SystemTime").asText().substring(0, "2026-01-01T00:00:00".length()) + "Z"; // --until has whole seconds
        String container = runDetached("--health-cmd", "test -e /tmp/well", QUICK, "--health-retries=3", "--health-start-period=60s",
                "--health-start-interval=50ms", IMAGE, "sleep", "1000");
        assertEquals("starting", healthy(container));
        assertTrue(status(container).endsWith("(health: starting)"), status(container));
        // Failures of the start period are in the log and do not count.
        Await.until("some failures", PATIENCE, () -> log(container).size() >= 4, () -> inspect(container, "json .State"));
        assertEquals("starting 0", inspect(container, ".State.Health.Status") + " " + inspect(container, ".State.Health.FailingStreak"));
        docker("exec", container, "touch", "/tmp/well").succeeded();
        awaitHealth(container, "healthy");
        assertTrue(status(container).endsWith("(healthy)"), status(container));
        docker("exec", container, "rm", "/tmp/well").succeeded();
        awaitHealth(container, "unhealthy");
        assertTrue(Integer.parseInt(inspect(container, ".State.Health.FailingStreak")) >= 3);
        docker("exec", container, "touch", "/tmp/well").succeeded();
        awaitHealth(container, "healthy");
        List<String> told = new ArrayList<>();
        Await.until("three changes of health", PATIENCE, () -> {
            told.clear();
            docker("events", "--since", since, "--until", "0s", "--filter", "container=" + container, "--filter", "event=health_status",
                    "--format", "{{.Action}}").succeeded().lines().forEach(told::add);
            return told.size() >= 3;
        }, told::toString);
        assertEquals(List.of("health_status: healthy", "health_status: unhealthy", "health_status: healthy"), told);
    }

    @Test
    void theLogHoldsTheLastFiveProbesAndTheBeginningOfWhatTheyWrote() {
        String container = runDetached("--health-cmd", "echo err >&2; sleep 0.1; head -c 5000 /dev/zero | tr '\\0' x; exit 3", QUICK, IMAGE, "sleep", "1000");
        Await.until("five probes", PATIENCE, () -> log(container).size() == 5, () -> inspect(container, "json .State"));
        String first = log(container).get(0).path("Start").asText();
        Await.until("the first to be dropped", PATIENCE, () -> !log(container).get(0).path("Start").asText().equals(first), () -> first);
        assertEquals(5, log(container).size());
        JsonNode probe = log(container).get(4);
        assertEquals(3, probe.path("ExitCode").asInt());
        String output = probe.path("Output").asText();
        assertEquals(4096 + 3, output.length());
        assertTrue(output.startsWith("err\n") && output.endsWith("xxx..."), output);
    }

    @Test
    void aProbeThatTakesTooLongIsKilledAndHasFailed() {
        String container = runDetached("--health-cmd", "echo begun; exec sleep 987", QUICK, "--health-timeout=300ms", "--health-retries=1",
                IMAGE, "sleep", "1000");
        awaitHealth(container, "unhealthy");
        assertEquals("-1 Health check exceeded timeout (300ms): begun\n", log(container).get(0).path("ExitCode").asInt() + " "
                + log(container).get(0).path("Output").asText());
        docker("pause", container).succeeded();
        docker("unpause", container).succeeded();
        Await.until("no probe to be left", PATIENCE, () -> docker("top", container).succeeded().lines().filter(line -> line.endsWith("sleep 987")).count() <= 1,
                () -> docker("top", container).out());
    }

    @Test
    void whatStandsStillOrHasEndedIsNotProbed() {
        String container = runDetached("--health-cmd", "date +%N >> /tmp/probes", QUICK, IMAGE, "sleep", "1000");
        awaitHealth(container, "healthy");
        docker("stop", "-t", "0", container).succeeded();
        assertEquals("unhealthy", healthy(container));
        assertTrue(status(container).startsWith("Exited") && !status(container).contains("healthy"), status(container));
        String last = log(container).toString();
        docker("start", container).succeeded();
        assertTrue(List.of("starting", "healthy").contains(healthy(container)));
        awaitHealth(container, "healthy");
        assertTrue(!log(container).toString().equals(last));
    }

    @Test
    void filtersKnowOfHealth() {
        String well = runDetached("--health-cmd", "true", QUICK, IMAGE, "sleep", "1000");
        String unknown = runDetached(IMAGE, "sleep", "1000");
        awaitHealth(well, "healthy");
        String marked = "label=" + MARK;
        assertEquals(well, docker("ps", "-q", "--no-trunc", "--filter", marked, "--filter", "health=healthy").succeeded().strip());
        assertEquals(unknown, docker("ps", "-q", "--no-trunc", "--filter", marked, "--filter", "health=none").succeeded().strip());
        assertEquals("", docker("ps", "-q", "--no-trunc", "--filter", marked, "--filter", "health=unhealthy").succeeded().strip());
        assertFails(1, "invalid value for health (fine): must be one of none, starting, healthy, unhealthy", docker("ps", "--filter", "health=fine"));
    }

    @Test
    void noHealthIsShownWithoutACheck() {
        assertEquals("null", inspect(runDetached(IMAGE, "sleep", "1000"), "json .State.Health"));
        String refused = runDetached("--no-healthcheck", IMAGE, "sleep", "1000");
        assertEquals("null {\"Test\":[\"NONE\"]}", inspect(refused, "json .State.Health") + " " + inspect(refused, "json .Config.Healthcheck"));
    }

    @Test
    void durationsAndRetriesAreChecked() {
        for (String field : List.of("Interval", "Timeout", "StartPeriod", "StartInterval")) {
            RawHttp.Answer answer = engine.request("POST", "/containers/create", "{\"Image\":\"" + IMAGE + "\",\"Healthcheck\":{\"" + field + "\":100}}");
            assertEquals("400 " + field + " in Healthcheck cannot be less than 1ms", answer.status() + " " + message(answer));
        }
        RawHttp.Answer answer = engine.request("POST", "/containers/create", "{\"Image\":\"" + IMAGE + "\",\"Healthcheck\":{\"Retries\":-1}}");
        assertEquals("400 Retries in Healthcheck cannot be negative", answer.status() + " " + message(answer));
    }

    @Test
    void anUnhealthyContainerIsStartedAgainWhenItsLabelAsksForIt() {
        engine.requireBerth("the label is our own");
        String container = runDetached("--label", "io.berth.restart-unhealthy=true", "--stop-timeout", "0", "--health-cmd", "test ! -e /tmp/ill", QUICK,
                "--health-retries=2", IMAGE, "sh", "-c", "rm -f /tmp/ill; exec sleep 1000");
        awaitHealth(container, "healthy");
        String before = inspect(container, ".State.StartedAt");
        docker("exec", container, "touch", "/tmp/ill").succeeded();
        Await.until("another start", PATIENCE, () -> !inspect(container, ".State.StartedAt").equals(before) && inspect(container, ".State.Running").equals("true"),
                () -> inspect(container, "json .State"));
        awaitHealth(container, "healthy");
        assertEquals("1", inspect(container, ".RestartCount"));
    }

    @Test
    void theLogOutlivesTheDaemon() {
        engine.requireBerth("it kills the daemon, whose successor's log of health is empty in the reference");
        String container = runDetached("--health-cmd", "echo found; exit 4", QUICK, "--health-retries=1000000", IMAGE, "sleep", "1000");
        Await.until("six probes", PATIENCE, () -> Integer.parseInt(inspect(container, ".State.Health.FailingStreak")) >= 6, () -> inspect(container, "json .State"));
        docker("pause", container).succeeded();
        String other = runDetached("--health-cmd", "echo first", "--health-interval=100s", "--health-start-interval=50ms", "--health-start-period=100s",
                IMAGE, "sleep", "1000");
        awaitHealth(other, "healthy");
        String paused = settled(container);
        String before = inspect(other, "json .State.Health");
        engine.kill();
        engine.startDaemon();
        assertEquals(paused, inspect(container, "json .State.Health"));
        assertEquals(before, inspect(other, "json .State.Health"));
        assertEquals(0, engine.stop());
        engine.startDaemon();
        assertEquals(paused, inspect(container, "json .State.Health"));
        docker("stop", "-t", "0", other).succeeded();
        engine.kill();
        engine.startDaemon();
        assertEquals("unhealthy first\n", healthy(other) + " " + log(other).get(0).path("Output").asText());
        docker("unpause", container).succeeded();
        Await.until("further probes", PATIENCE, () -> !inspect(container, "json .State.Health").equals(paused), () -> paused);
        assertEquals(5, log(container).size());
    }

    /** The health of a container that stands still, once a probe that was under way has ended. */
    private static String settled(String container) {
        Await.until("no probe to be under way", PATIENCE, () -> inspect(container, "json .ExecIDs").matches("null|\\[\\]"), () -> inspect(container, "json .ExecIDs"));
        return inspect(container, "json .State.Health");
    }

    @Test
    void aProbeOfADaemonThatWasKilledIsEnded() {
        engine.requireBerth("it kills the daemon");
        String container = runDetached("--health-cmd", "exec sleep 986", QUICK, "--health-timeout=900s", IMAGE, "sleep", "1000");
        Await.until("the probe", PATIENCE, () -> probes(container).size() == 1, () -> docker("top", container).out());
        String before = probes(container).getFirst();
        engine.kill();
        engine.startDaemon();
        Await.until("another probe in its place", PATIENCE, () -> probes(container).size() == 1 && !probes(container).contains(before),
                () -> docker("top", container).out());
    }

    /** The process ids of those that sleep. */
    private static List<String> probes(String container) {
        return docker("top", container, "-o", "pid,args").succeeded().lines().filter(line -> line.endsWith("sleep 986"))
                .map(line -> line.strip().split(" ")[0]).toList();
    }

    @Test
    void probesTakeNoPlaceAmongTheEventsThatAreKept() {
        engine.requireBerth("the reference keeps three events of every probe, until there are no others");
        String container = runDetached("--health-cmd", "true", QUICK, IMAGE, "sleep", "1000");
        Await.until("five probes", PATIENCE, () -> log(container).size() == 5, () -> inspect(container, "json .State"));
        List<String> kept = new ArrayList<>();
        Await.until("the first change of health among the events", PATIENCE, () -> {
            kept.clear();
            docker("events", "--since", "0", "--until", "0s", "--filter", "container=" + container, "--format", "{{.Action}}").succeeded().lines().forEach(kept::add);
            return kept.contains("health_status: healthy");
        }, kept::toString);
        assertTrue(kept.stream().noneMatch(action -> action.startsWith("exec_")), kept::toString);
    }

    @Test
    void theLabelSaysTrueOrFalse() {
        engine.requireBerth("the label is our own");
        assertFails(125, "invalid value \"maybe\" of the label io.berth.restart-unhealthy: neither true nor false",
                run("--label", "io.berth.restart-unhealthy=maybe", IMAGE, "true"));
    }

    @Test
    void anotherDaemonGoesOnWithWhatIsKnown() {
        engine.requireBerth("it kills the daemon");
        String container = runDetached("--health-cmd", "test -e /tmp/well", QUICK, IMAGE, "sh", "-c", "touch /tmp/well; exec sleep 1000");
        awaitHealth(container, "healthy");
        engine.kill();
        engine.startDaemon();
        assertEquals("healthy", healthy(container));
        docker("exec", container, "rm", "/tmp/well").succeeded();
        awaitHealth(container, "unhealthy");
    }
}
