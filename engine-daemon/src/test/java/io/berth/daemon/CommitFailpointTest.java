package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.berth.daemon.failpoint.Failpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The daemon is killed at every named place of a commit. The container is as it was, running or paused by somebody; the image is there
 * as a whole or not at all, and nothing is left of one that is not.
 */
class CommitFailpointTest extends ArmedDaemonTest {

    private static final String COMMITTED = "berth-test-committed";
    private static final String COUNTING = "i=0; echo kept > /kept; while :; do i=$((i+1)); echo $i > /count; usleep 10000; done";

    private Set<String> before;

    @BeforeEach
    void rememberContent() {
        before = content();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "COMMIT_.*")
    void afterAKillTheContainerGoesOnAndTheImageIsWholeOrAbsent(Failpoint point) throws Exception {
        String id = counting();
        killAt(point, "commit", id, COMMITTED);
        assertEquals("running false", inspect(id, ".State.Status}} {{.State.Paused"));
        awaitProgress(id);
        assertImage(point.compareTo(Failpoint.COMMIT_RECORDED) >= 0);
        docker("commit", id, COMMITTED).succeeded();
        assertImage(true);
    }

    @ParameterizedTest
    @EnumSource(names = {"COMMIT_HELD", "COMMIT_LAYER_UNPACKED", "COMMIT_RECORDED"})
    void whatSomebodyHasPausedStaysPaused(Failpoint point) throws Exception {
        String id = counting();
        docker("pause", id).succeeded();
        killAt(point, "commit", id, COMMITTED);
        assertEquals("paused", inspect(id, ".State.Status"));
        assertImage(point == Failpoint.COMMIT_RECORDED);
        docker("unpause", id).succeeded();
        awaitProgress(id);
    }

    @Test
    void aPauseAfterAnInterruptedCommitIsTheClients() throws Exception {
        String id = counting();
        killAt(Failpoint.COMMIT_LAYER_WRITTEN, "commit", id, COMMITTED);
        docker("pause", id).succeeded();
        engine.kill();
        engine.startDaemon();
        assertEquals("paused", inspect(id, ".State.Status"));
    }

    @Test
    void aContainerThatIsKilledWhileItIsHeldEnds() throws Exception {
        String id = counting();
        String pid = inspect(id, ".State.Pid");
        killAt(Failpoint.COMMIT_HELD, () -> Commands.run(Map.of(), new byte[0], List.of("kill", "-9", pid)).succeeded(), "commit", id, COMMITTED);
        awaitState(id, "exited");
        assertEquals("137", inspect(id, ".State.ExitCode"));
    }

    @ParameterizedTest
    @EnumSource(names = {"COMMIT_HELD", "COMMIT_LAYER_STORED", "COMMIT_CONFIGURATION_STORED", "COMMIT_RECORDED"})
    void aContainerThatHasEndedStaysAsItIs(Failpoint point) throws Exception {
        String id = runDetached(IMAGE, "sh", "-c", "echo kept > /kept; echo 1 > /count");
        awaitState(id, "exited");
        killAt(point, "commit", id, COMMITTED);
        assertEquals("exited", inspect(id, ".State.Status"));
        assertImage(point == Failpoint.COMMIT_RECORDED);
    }

    private String counting() {
        String id = runDetached(IMAGE, "sh", "-c", COUNTING);
        awaitProgress(id);
        return id;
    }

    private static String count(String id) {
        try {
            return Files.readString(Path.of("/proc/" + inspect(id, ".State.Pid") + "/root/count"));
        } catch (IOException notYet) {
            return "";
        }
    }

    private static void awaitProgress(String id) {
        String now = count(id);
        Await.until("the container to count", PATIENCE, () -> !List.of(now, "").contains(count(id)), () -> now);
    }

    /** If it is there it can be run, and removed; in either case nothing is left afterwards. */
    private void assertImage(boolean there) {
        assertEquals(there, !docker("images", "-q", COMMITTED).succeeded().isEmpty());
        if (there) {
            assertEquals("kept\n", run("--rm", COMMITTED, "sh", "-c", "cat /kept; [ -e /count ]").succeeded());
            docker("rmi", COMMITTED).succeeded();
        }
        assertEquals(1, json(engine.get("/v1.51/images/json?all=1")).size());
        Await.until("nothing to be left of it", PATIENCE, () -> content().equals(before), () -> content() + "\ninstead of " + before);
    }

    /** The files of the image store. */
    private static Set<String> content() {
        Set<String> files = new TreeSet<>();
        for (String directory : List.of("blobs/sha256", "ingest", "layers")) {
            try (Stream<Path> entries = Files.list(engine.dataRoot().resolve(directory))) {
                entries.forEach(entry -> files.add(engine.dataRoot().relativize(entry).toString()));
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
        return files;
    }
}
