package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.daemon.failpoint.Failpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The daemon is killed at every named place of an exec; the next one tells of a state that the API could have made. */
class ExecFailpointTest extends ContainerTest {

    private String container;
    private boolean armed;

    @BeforeAll
    static void requireOurs() {
        engine.requireBerth("kills the daemon");
    }

    @BeforeEach
    void startContainer() {
        container = runDetached(IMAGE, "sh", "-c", "mkfifo /tmp/go; exec sleep 100000");
    }

    /** A daemon with a failpoint serves nobody else. */
    @AfterEach
    void disarm() {
        if (armed) {
            engine.kill();
            startUnarmed();
        }
    }

    private void startUnarmed() {
        engine.startDaemon();
        armed = false;
    }

    /** The exec waits for a line, then ends with 7. */
    private void killAt(Failpoint point) throws Exception {
        Path reached = Files.createTempDirectory(engine.scratch(), "point").resolve("reached");
        engine.stop();
        armed = true;
        engine.startDaemon("-Dberth.failpoint=" + point + " -Dberth.failpoint.reached=" + reached);
        Process client = engine.docker().start("exec", container, "sh", "-c", "read line < /tmp/go; exit 7");
        if (point == Failpoint.EXEC_END_RECORDED) {
            letItEnd();
        }
        Await.until(point.toString(), PATIENCE, () -> Files.exists(reached), engine::log);
        engine.kill();
        client.destroyForcibly().waitFor(); // its session goes on with the keeper
        startUnarmed();
    }

    /** Writes to the fifo from outside, through the container's first process: another exec would reach the failpoint too. */
    private void letItEnd() throws Exception {
        int first = Integer.parseInt(inspect(container, ".State.Pid"));
        Path fifo = Path.of("/proc/" + first + "/root/tmp/go");
        Await.until("the fifo", PATIENCE, () -> Files.exists(fifo), () -> "there is none");
        Files.writeString(fifo, "line\n");
    }

    private JsonNode inspected(String exec) {
        return json(engine.get("/exec/" + exec + "/json"));
    }

    private String onlyExec() {
        JsonNode execs = json(inspect(container, "json .ExecIDs"));
        assertEquals(1, execs.size(), execs::toString);
        return execs.get(0).asText();
    }

    private void awaitCode(String exec) {
        Await.until("its exit code", PATIENCE, () -> inspected(exec).path("ExitCode").toString().equals("7"), () -> inspected(exec).toString());
        Await.until("the container to show it no more", PATIENCE, () -> inspect(container, "json .ExecIDs").equals("null"),
                () -> inspect(container, "json .ExecIDs"));
    }

    @Test
    void anExecThatWasWrittenDownCanBeStarted() throws Exception {
        killAt(Failpoint.EXEC_RECORDED);
        String exec = onlyExec();
        assertEquals("false null", inspected(exec).path("Running") + " " + inspected(exec).path("ExitCode"));
        assertEquals(200, engine.request("POST", "/exec/" + exec + "/start", "{\"Detach\":true}").status());
        letItEnd();
        awaitCode(exec);
    }

    @Test
    void anExecThatRunsIsTakenOver() throws Exception {
        killAt(Failpoint.EXEC_LAUNCHED);
        String exec = onlyExec();
        assertEquals("true null", inspected(exec).path("Running") + " " + inspected(exec).path("ExitCode"));
        assertEquals(409, engine.request("POST", "/exec/" + exec + "/start", "{\"Detach\":true}").status());
        letItEnd();
        awaitCode(exec);
    }

    @Test
    void anEndThatWasWrittenDownIsKnown() throws Exception {
        killAt(Failpoint.EXEC_END_RECORDED);
        assertEquals("null", inspect(container, "json .ExecIDs"));
        docker("exec", container, "true").succeeded();
    }
}
