package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Paused containers, and what can be done with them. */
class PauseTest extends ContainerTest {

    private static final String COUNTING = "i=0; while :; do i=$((i + 1)); echo $i; sleep 0.01; done";

    @Test
    void aPausedContainerStandsStillUntilItIsUnpaused() {
        String id = runDetached(IMAGE, "sh", "-c", COUNTING);
        awaitLog(id, "3");
        docker("pause", id).succeeded();
        assertEquals("paused true true false", inspect(id, ".State.Status}} {{.State.Running}} {{.State.Paused}} {{.State.Restarting"));
        assertTrue(docker("ps", "--filter", "id=" + id, "--format", "{{.Status}}").succeeded().strip().endsWith("(Paused)"));
        // What was written before the pause may still be on its way into the log.
        Await.until("the log to stand still", PATIENCE, () -> docker("logs", id).out().equals(docker("logs", id).out()), () -> docker("logs", id).out());
        String still = docker("logs", id).out();
        docker("unpause", id).succeeded();
        Await.until("the container to go on", PATIENCE, () -> docker("logs", id).out().length() > still.length(), () -> still);
        assertEquals("running false", inspect(id, ".State.Status}} {{.State.Paused"));
    }

    @Test
    void whatAPausedContainerCannotDoIsRefusedInTheReferencesWords() {
        String id = runDetached("--name", "berth-test-still", IMAGE, "sleep", "1000");
        refused(id, "POST", "unpause", 500, "Container " + id + " is not paused");
        docker("pause", id).succeeded();
        refused(id, "POST", "pause", 409, "Container " + id + " is already paused");
        refused(id, "POST", "start", 409, "cannot start a paused container, try unpause instead");
        RawHttp.Answer attach = engine.request("POST", "/v1.51/containers/" + id + "/attach?stream=1&stdout=1", "");
        assertEquals(409, attach.status());
        assertEquals("container " + id + " is paused, unpause the container before attach\r\n", attach.text());
        RawHttp.Answer removal = engine.request("DELETE", "/v1.51/containers/berth-test-still", "");
        assertEquals("409 cannot remove container \"berth-test-still\": container is paused and must be unpaused first", removal.status() + " " + message(removal));
        assertEquals(200, engine.get("/v1.51/containers/" + id + "/top").status());
        String created = docker(marked("create", IMAGE, "true")).succeeded().strip();
        refused(created, "POST", "pause", 409, "container " + created + " is not running");
    }

    private static void refused(String id, String method, String operation, int status, String message) {
        RawHttp.Answer answer = engine.request(method, "/v1.51/containers/" + id + "/" + operation, "");
        assertEquals(status, answer.status(), answer::text);
        assertEquals(message, message(answer));
    }

    @Test
    void aPausedContainerIsStoppedKilledRestartedAndRemoved() {
        String id = runDetached(IMAGE, "sh", "-c", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done");
        awaitLog(id, "ready");
        docker("pause", id).succeeded();
        docker("stop", id).succeeded();
        assertEquals("exited false 5", inspect(id, ".State.Status}} {{.State.Paused}} {{.State.ExitCode"));
        docker("start", id).succeeded();
        docker("pause", id).succeeded();
        docker("kill", id).succeeded();
        assertEquals("137\n", docker("wait", id).succeeded());
        docker("start", id).succeeded();
        docker("pause", id).succeeded();
        docker("restart", "-t", "0", id).succeeded();
        assertEquals("running", inspect(id, ".State.Status"));
        docker("pause", id).succeeded();
        docker("rm", "-f", id).succeeded();
        assertFails(1, "No such container", docker("container", "inspect", id));
    }

    @Test
    void aSignalLetsAPausedContainerGoOn() {
        Instant since = Instant.now();
        String id = runDetached("--name", "berth-test-woken", IMAGE, "sh", "-c", "trap 'echo woken' HUP; echo ready; while :; do sleep 0.05; done");
        awaitLog(id, "ready");
        docker("pause", id).succeeded();
        docker("kill", "-s", "HUP", id).succeeded();
        awaitLog(id, "woken");
        awaitState(id, "running");
        Await.until("the events", PATIENCE, () -> events(since, id).equals(List.of("create", "start", "pause", "kill", "unpause")), () -> events(since, id).toString());
    }

    private static List<String> events(Instant since, String id) {
        return docker("events", "--since", since.toString(), "--until", Instant.now().toString(), "--filter", "type=container", "--filter", "container=" + id,
                "--format", "{{.Action}}").succeeded().lines().toList();
    }
}
