package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Containers that run out of memory. */
class OomTest extends ContainerTest {

    private static final String GREEDY = "a=x; while :; do a=$a$a; done";

    @Test
    void aKilledChildIsToldWhileTheContainerRuns() {
        Instant since = Instant.now();
        String id = runDetached("-m", "16m", "--memory-swap", "16m", IMAGE, "sh", "-c",
                "sh -c '" + GREEDY + "'; echo child $?; while ! [ -e /tmp/end ]; do sleep 0.05; done");
        awaitLog(id, "child 137");
        Await.until("the event", PATIENCE, () -> !events(since, id).isEmpty(), () -> docker("events", "--since", since.toString(), "--until", "0s").out());
        if (!engine.isReference()) {
            assertEquals("running true", inspect(id, ".State.Status}} {{.State.OOMKilled"));
        }
        docker("stop", "-t", "0", id).succeeded();
        assertEquals("exited true", inspect(id, ".State.Status}} {{.State.OOMKilled"));
        docker("start", id).succeeded();
        docker("rm", "-f", id).succeeded();
    }

    @Test
    void aKilledContainerIsToldOnceItIsDead() {
        Instant since = Instant.now();
        String id = runDetached("-m", "16m", "--memory-swap", "16m", IMAGE, "sh", "-c", GREEDY);
        assertEquals("137\n", docker("wait", id).succeeded());
        assertEquals("exited true", inspect(id, ".State.Status}} {{.State.OOMKilled"));
        assertTrue(events(since, id).startsWith("oom"));
        Instant later = Instant.now();
        String fine = runDetached("-m", "16m", IMAGE, "sh", "-c", "exit 137");
        docker("wait", fine).succeeded();
        assertEquals("false", inspect(fine, ".State.OOMKilled"));
        assertFalse(events(later, fine).contains("oom"));
    }

    private static String events(Instant since, String id) {
        return docker("events", "--since", since.toString(), "--until", Instant.now().toString(), "--filter", "container=" + id,
                "--filter", "event=oom", "--format", "{{.Action}}").succeeded();
    }
}
