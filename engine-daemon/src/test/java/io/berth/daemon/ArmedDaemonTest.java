package io.berth.daemon;

import io.berth.daemon.failpoint.Failpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** What the tests share that kill the daemon at a named place: a daemon with a failpoint serves nobody else. */
abstract class ArmedDaemonTest extends ContainerTest {

    private boolean armed;

    @BeforeAll
    static void requireOurs() {
        engine.requireBerth("kills the daemon");
    }

    /** Has the CLI run a command, kills the daemon at the place and starts another. */
    void killAt(Failpoint point, String... command) throws Exception {
        killAt(point, () -> { }, command);
    }

    /** @param meanwhile what happens between the two daemons */
    void killAt(Failpoint point, Runnable meanwhile, String... command) throws Exception {
        Path reached = Files.createTempDirectory(engine.scratch(), "point").resolve("reached");
        engine.stop();
        armed = true;
        engine.startDaemon("-Dberth.failpoint=" + point + " -Dberth.failpoint.reached=" + reached);
        Process client = engine.docker().start(command);
        Await.until(point.toString(), PATIENCE, () -> Files.exists(reached), engine::log);
        engine.kill();
        client.destroyForcibly().waitFor();
        meanwhile.run();
        startUnarmed();
    }

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
}
