package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Containers that are started again, and those who wait for them meanwhile. */
class RestartPolicyTest extends ContainerTest {

    @Test
    void aContainerThatFailsIsStartedAgainAsOftenAsAsked() {
        String id = runDetached("--restart", "on-failure:2", IMAGE, "sh", "-c", "echo run; exit 3");
        Await.until("two restarts", PATIENCE, () -> inspect(id, ".RestartCount}} {{.State.Status").equals("2 exited"), () -> inspect(id, "json .State"));
        assertEquals("3 on-failure 2", inspect(id, ".State.ExitCode}} {{.HostConfig.RestartPolicy.Name}} {{.HostConfig.RestartPolicy.MaximumRetryCount"));
        assertEquals("run\nrun\nrun\n", docker("logs", id).succeeded());
        String good = runDetached("--restart", "on-failure", IMAGE, "true");
        assertEquals("0\n", docker("wait", good).succeeded());
        assertEquals("0 exited", inspect(good, ".RestartCount}} {{.State.Status"));
    }

    @Test
    void aStopEndsTheRestartsAndAStartCountsAnew() {
        String id = runDetached("--restart", "always", IMAGE, "sh", "-c", "exit 3");
        awaitState(id, "restarting");
        assertEquals("true true 0 3", inspect(id, ".State.Running}} {{.State.Restarting}} {{.State.Pid}} {{.State.ExitCode"));
        assertTrue(docker("ps", "--filter", "id=" + id, "--format", "{{.Status}}").succeeded().startsWith("Restarting (3) "));
        Await.until("some restarts", PATIENCE, () -> Integer.parseInt(inspect(id, ".RestartCount")) >= 3, () -> inspect(id, "json .State"));
        docker("stop", id).succeeded();
        assertEquals("exited 3 false", inspect(id, ".State.Status}} {{.State.ExitCode}} {{.State.Restarting"));
        docker("start", id).succeeded();
        assertTrue(Integer.parseInt(inspect(id, ".RestartCount")) < 3);
        docker("rm", "-f", id).succeeded();
    }

    @Test
    void aRestartingContainerRefusesInTheReferencesWords() {
        String id = runDetached("--restart", "always", IMAGE, "sh", "-c", "exit 3");
        // The sixth wait lasts 3.2 s, the fifth 1.6 s: long enough for the questions.
        Await.until("a long wait", PATIENCE, () -> inspect(id, ".RestartCount}} {{.State.Status").equals("5 restarting"), () -> inspect(id, "json .State"));
        String restarting = "Container " + id + " is restarting, wait until the container is running";
        refused(id, "POST", "pause", 409, restarting);
        refused(id, "GET", "top", 409, restarting);
        RawHttp.Answer attach = engine.request("POST", "/v1.51/containers/" + id + "/attach?stream=1&stdout=1", "");
        assertEquals("409 container " + id + " is restarting, wait until the container is running", attach.status() + " " + attach.text().strip());
        assertEquals(304, engine.request("POST", "/v1.51/containers/" + id + "/start", "").status());
        RawHttp.Answer removal = engine.request("DELETE", "/v1.51/containers/" + id, "");
        assertEquals(409, removal.status());
        assertTrue(message(removal).endsWith(": container is restarting: stop the container before removing or force remove"), message(removal));
        assertEquals(204, engine.request("POST", "/v1.51/containers/" + id + "/kill", "").status());
        awaitState(id, "exited");
    }

    private static void refused(String id, String method, String operation, int status, String message) {
        RawHttp.Answer answer = engine.request(method, "/v1.51/containers/" + id + "/" + operation, "");
        assertEquals(status, answer.status(), answer::text);
        assertEquals(message, message(answer));
    }

    @Test
    void aKilledContainerStaysDeadAndASignalThatIsNoEndChangesNothing() {
        String killed = runDetached("--restart", "always", IMAGE, "sleep", "1000");
        docker("kill", killed).succeeded();
        assertEquals("137\n", docker("wait", killed).succeeded());
        assertEquals("exited 0", inspect(killed, ".State.Status}} {{.RestartCount"));
        if (!engine.isReference()) {
            // The reference takes any signal for the wish that the container end, also one that only asks to read files again.
            String signalled = runDetached("--restart", "always", IMAGE, "sh", "-c", "trap 'echo hup' HUP; trap 'exit 1' USR1; echo ready; while :; do sleep 0.05; done");
            awaitLog(signalled, "ready");
            docker("kill", "-s", "HUP", signalled).succeeded();
            awaitLog(signalled, "hup");
            docker("kill", "-s", "USR1", signalled).succeeded();
            Await.until("another run", PATIENCE, () -> inspect(signalled, ".RestartCount").equals("1"), () -> inspect(signalled, "json .State"));
        }
    }

    @Test
    void whoWaitsFollowsOrIsAttachedLearnsOfTheEndOfTheFirstRun() throws Exception {
        String id = docker(marked("create", "--restart", "always", IMAGE, "sh", "-c", "echo begun; sleep 1; echo ended; exit 4")).succeeded().strip();
        Process attached = engine.docker().start("start", "-a", id);
        awaitLog(id, "begun");
        Process waiting = engine.docker().start("wait", id);
        Process following = engine.docker().start("logs", "-f", id);
        assertTrue(waiting.waitFor(20, TimeUnit.SECONDS));
        assertEquals("4\n", text(waiting));
        assertTrue(following.waitFor(20, TimeUnit.SECONDS));
        assertTrue(text(following).startsWith("begun\nended\n"));
        assertTrue(attached.waitFor(20, TimeUnit.SECONDS));
        assertEquals("begun\nended\n", text(attached));
        docker("rm", "-f", id).succeeded();
    }

    private static String text(Process process) throws Exception {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void policiesThatMakeNoSenseAreRefused() {
        assertFails(125, "cannot specify both --restart and --rm", run("--rm", "--restart", "always", IMAGE, "true"));
        RawHttp.Answer both = engine.request("POST", "/v1.51/containers/create", """
                {"Image":"%s","Cmd":["true"],"HostConfig":{"AutoRemove":true,"RestartPolicy":{"Name":"always"}}}""".formatted(IMAGE));
        assertEquals("400 can't create 'AutoRemove' container with restart policy", both.status() + " " + message(both));
        assertFails(1, "invalid restart policy: unknown policy 'sometimes'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
                docker(marked("create", "--restart", "sometimes", IMAGE, "true")));
        assertFails(1, "invalid restart policy: maximum retry count can only be used with 'on-failure'",
                docker(marked("create", "--restart", "always:3", IMAGE, "true")));
    }

    @Test
    void aRestartByHandOfAContainerWithAPolicyGoesOnWithIt() {
        String id = runDetached("--restart", "unless-stopped", IMAGE, "sh", "-c", "sleep 1000 & wait");
        docker("restart", "-t", "0", id).succeeded();
        assertEquals("running 0", inspect(id, ".State.Status}} {{.RestartCount"));
        String pid = inspect(id, ".State.Pid");
        if (!engine.isReference()) {
            Commands.run(java.util.Map.of(), new byte[0], java.util.List.of("kill", "-9", pid)).succeeded();
            Await.until("the policy to start it again", PATIENCE, () -> inspect(id, ".State.Status}} {{.RestartCount").equals("running 1"),
                    () -> inspect(id, "json .State"));
            assertFalse(pid.equals(inspect(id, ".State.Pid")));
        }
    }
}
