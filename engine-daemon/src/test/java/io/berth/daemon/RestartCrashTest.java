package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What clients have asked of containers is so after the daemon was killed, and after everything was. */
@Tag("engine")
@Timeout(180)
class RestartCrashTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private EngineUnderTest engine;
    private DockerCli docker;

    @BeforeEach
    void start() {
        engine = EngineUnderTest.start();
        engine.requireBerth("kills the daemon");
        docker = engine.docker();
        docker.runWithInput(TestImage.archive("berth-test:latest"), "load").succeeded();
    }

    @AfterEach
    void stop() {
        List<String> left = docker.run("ps", "-aq").succeeded().lines().toList();
        left.forEach(id -> docker.run("rm", "-f", id));
        engine.close();
    }

    @Test
    void policiesAreHeldByTheNextDaemon() {
        run("held", "unless-stopped");
        run("left", "unless-stopped");
        run("always", "always");
        run("never", "no");
        docker.run("stop", "-t", "0", "left", "always").succeeded();
        String pid = inspect("held", "{{.State.Pid}}");
        engine.kill();
        // It ends while nobody is there to see it.
        Commands.run(Map.of(), new byte[0], List.of("kill", "-9", pid)).succeeded();
        engine.startDaemon();
        await("held", "running 1");
        await("always", "running 0");
        assertEquals("exited", inspect("left", "{{.State.Status}}"));
        assertEquals("running", inspect("never", "{{.State.Status}}"));
        assertNotEquals(pid, inspect("held", "{{.State.Pid}}"));
    }

    @Test
    void afterTheMachineWasStartedAnewOnlyThoseRunThatAreToBeUp() {
        run("held", "unless-stopped");
        run("left", "unless-stopped");
        run("failed", "on-failure");
        run("never", "no");
        docker.run("stop", "-t", "0", "left").succeeded();
        docker.run("create", "--name", "created", "--restart", "always", "berth-test", "sleep", "1000").succeeded();
        List<String> pids = List.of("held", "failed", "never").stream().map(name -> inspect(name, "{{.State.Pid}}")).toList();
        engine.kill();
        engine.killKeeper();
        pids.forEach(pid -> Commands.run(Map.of(), new byte[0], List.of("kill", "-9", pid)));
        engine.startDaemon();
        await("held", "running 1");
        await("failed", "running 1");
        assertEquals("exited 255", inspect("never", "{{.State.Status}} {{.State.ExitCode}}"));
        assertEquals("exited", inspect("left", "{{.State.Status}}"));
        assertEquals("created", inspect("created", "{{.State.Status}}"));
    }

    @Test
    void aContainerThatWaitsForItsNextStartIsStartedByTheNextDaemon() {
        docker.run("run", "-d", "--name", "failing", "--restart", "always", "berth-test", "false").succeeded();
        Await.until("a long wait", PATIENCE, () -> inspect("failing", "{{.RestartCount}} {{.State.Status}}").equals("5 restarting"),
                () -> inspect("failing", "{{json .State}}"));
        engine.kill();
        engine.startDaemon();
        Await.until("more restarts", PATIENCE, () -> Integer.parseInt(inspect("failing", "{{.RestartCount}}")) > 5, () -> inspect("failing", "{{json .State}}"));
        docker.run("stop", "failing").succeeded();
        assertEquals("exited", inspect("failing", "{{.State.Status}}"));
    }

    @Test
    void pauseNameAndLimitsOutliveTheDaemon() {
        run("old", "no");
        docker.run("pause", "old").succeeded();
        docker.run("rename", "old", "new").succeeded();
        docker.run("update", "--pids-limit", "40", "--restart", "unless-stopped", "new").succeeded();
        engine.kill();
        engine.startDaemon();
        assertEquals("paused 40 unless-stopped", inspect("new", "{{.State.Status}} {{.HostConfig.PidsLimit}} {{.HostConfig.RestartPolicy.Name}}"));
        assertEquals(1, docker.run("inspect", "old").code());
        docker.run("unpause", "new").succeeded();
        assertEquals("running", inspect("new", "{{.State.Status}}"));
    }

    private void run(String name, String policy) {
        docker.run("run", "-d", "--name", name, "--restart", policy, "berth-test", "sleep", "1000").succeeded();
    }

    private void await(String name, String state) {
        Await.until(name + " to be " + state, PATIENCE, () -> inspect(name, "{{.State.Status}} {{.RestartCount}}").equals(state),
                () -> inspect(name, "{{json .State}}"));
    }

    private String inspect(String name, String format) {
        return docker.run("inspect", "-f", format, name).succeeded().strip();
    }
}
