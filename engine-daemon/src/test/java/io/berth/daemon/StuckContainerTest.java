package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A process sleeps in the kernel and cannot be killed: those who deal with it wait, and nobody else. */
class StuckContainerTest extends ContainerTest {

    private static final String STUCK = "berth-test-stuck";

    private HungFileSystem hung;
    private Path directory;
    private final List<Process> waiting = new ArrayList<>();

    @BeforeEach
    void hang() {
        engine.requireBerth("the reference's inspect waits for a container that is being stopped");
        Assumptions.assumeTrue(Files.exists(Path.of("/dev/fuse")), "needs /dev/fuse");
        directory = engine.scratch().resolve("hung");
        hung = new HungFileSystem(directory);
    }

    @AfterEach
    void release() throws Exception {
        if (hung != null) {
            hung.close();
            for (Process process : waiting) {
                process.waitFor();
            }
            Files.delete(directory);
        }
    }

    @Test
    void aContainerThatCannotBeKilledDelaysNobody() throws Exception {
        runDetached("--name", STUCK, "-v", directory + ":/hung", IMAGE, "cat", "/hung/file");
        Await.until("the process to hang", PATIENCE, () -> hung.waiting() > 0, engine::log);
        Process wait = engine.docker().start("wait", STUCK);
        waiting.add(wait);
        waiting.add(engine.docker().start("stop", "-t", "1", STUCK));
        waiting.add(engine.docker().start("logs", "-f", STUCK));
        waiting.add(engine.docker().start("stats", "--no-stream", STUCK));
        for (int i = 0; i < 20; i++) {
            waiting.add(engine.docker().start("rm", "-f", STUCK));
        }
        othersGoOn();
        assertFails(1, "hangs in the kernel", docker("rm", "-f", STUCK));
        othersGoOn();
        assertTrue(wait.isAlive(), "it has ended");
        hung.close();
        Await.until("the container to end", PATIENCE, () -> !wait.isAlive(), engine::log);
        assertEquals("137\n", new String(wait.getInputStream().readAllBytes()));
    }

    @Test
    void aStartThatHangsDelaysNobody() {
        waiting.add(engine.docker().start(marked("run", "--name", STUCK, "-v", directory + "/below:/hung", IMAGE, "true")));
        Await.until("the start to hang", PATIENCE, () -> hung.waiting() > 0, engine::log);
        othersGoOn();
        assertTrue(waiting.getFirst().isAlive(), "it has ended");
    }

    /** A call that waits for the stuck one fails the test by the limit on every command's time. */
    private static void othersGoOn() {
        for (int i = 0; i < 3; i++) {
            assertTrue(docker("ps", "-a").succeeded().contains(STUCK));
            assertTrue(inspect(STUCK, ".State.Status").matches("running|created"));
            assertEquals("alive\n", run("--rm", "-p", "80", IMAGE, "echo", "alive").succeeded());
            String other = runDetached(IMAGE, "sleep", "1000");
            docker("rm", "-f", other).succeeded();
        }
    }
}
