package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.berth.daemon.failpoint.Failpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The daemon is killed at every named place of pause, unpause, rename, update, restart and kill. */
class ChangeFailpointTest extends ArmedDaemonTest {

    private static final String OLD = "berth-test-old";
    private static final String NEW = "berth-test-new";

    private static String running(String... options) {
        List<String> words = new ArrayList<>(List.of("--name", OLD));
        words.addAll(List.of(options));
        words.addAll(List.of(IMAGE, "sleep", "100000"));
        return runDetached(words.toArray(String[]::new));
    }

    @Test
    void whatTheKernelHasPausedIsPaused() throws Exception {
        String id = running();
        killAt(Failpoint.PAUSE_FROZEN, "pause", id);
        assertEquals("paused", inspect(id, ".State.Status"));
        docker("unpause", id).succeeded();
        assertEquals("ran\n", docker("exec", id, "echo", "ran").succeeded());
    }

    @Test
    void whatTheKernelHasLetGoOnRuns() throws Exception {
        String id = running();
        docker("pause", id).succeeded();
        killAt(Failpoint.UNPAUSE_THAWED, "unpause", id);
        assertEquals("running", inspect(id, ".State.Status"));
        assertEquals("ran\n", docker("exec", id, "echo", "ran").succeeded());
    }

    @Test
    void aNewNameThatIsWrittenDownIsTheOnlyOne() throws Exception {
        String id = running();
        killAt(Failpoint.RENAME_RECORDED, "rename", OLD, NEW);
        assertEquals(id, inspect(NEW, ".Id"));
        assertFails(1, "No such container: " + OLD, docker("container", "inspect", OLD));
        docker("rename", NEW, OLD).succeeded();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "UPDATE_.*")
    void theKernelHoldsTheLimitsThatAreShown(Failpoint point) throws Exception {
        String id = running("--pids-limit", "30");
        killAt(point, "update", "--pids-limit", "40", id);
        assertEquals("40", inspect(id, ".HostConfig.PidsLimit"));
        assertEquals("40", pidsLimit(id));
        docker("update", "--pids-limit", "50", id).succeeded();
        engine.kill();
        engine.startDaemon();
        assertEquals("50", inspect(id, ".HostConfig.PidsLimit"), "the earlier update has come to its end");
        assertEquals("50", pidsLimit(id));
    }

    @Test
    void anUpdateOfAContainerThatEndsMeanwhileHasNotHappened() throws Exception {
        String id = running("--pids-limit", "30");
        String pid = inspect(id, ".State.Pid");
        killAt(Failpoint.UPDATE_INTENDED, () -> {
            engine.killKeeper();
            Residue.terminate(Long.parseLong(pid));
        }, "update", "--pids-limit", "40", id);
        awaitState(id, "exited");
        assertEquals("30", inspect(id, ".HostConfig.PidsLimit"));
        docker("start", id).succeeded();
        assertEquals("30", pidsLimit(id));
    }

    /** As the kernel has it, whatever its version of cgroups. */
    private static String pidsLimit(String id) throws IOException {
        String cgroups = Files.readString(Path.of("/proc/" + inspect(id, ".State.Pid") + "/cgroup"));
        for (String line : cgroups.lines().toList()) {
            String[] parts = line.split(":", 3);
            if (parts[1].equals("pids") || parts[1].isEmpty() && Files.exists(Path.of("/sys/fs/cgroup" + parts[2] + "/pids.max"))) {
                return Files.readString(Path.of("/sys/fs/cgroup/" + parts[1] + parts[2] + "/pids.max")).strip();
            }
        }
        throw new AssertionError(cgroups);
    }

    @Test
    void aRestartThatCameHalfWayIsAStop() throws Exception {
        String id = running("--restart", "unless-stopped");
        killAt(Failpoint.RESTART_STOPPED, "restart", "-t", "0", id);
        assertEquals("exited", inspect(id, ".State.Status"));
        docker("start", id).succeeded();
        assertEquals("running", inspect(id, ".State.Status"));
    }

    @Test
    void aContainerOfRmThatWasToBeRestartedIsRemovedAsAfterAnyEnd() throws Exception {
        String id = running("--rm");
        killAt(Failpoint.RESTART_STOPPED, "restart", "-t", "0", id);
        Await.until("it to be gone", PATIENCE, () -> docker("container", "inspect", id).code() == 1, () -> docker("ps", "-a").out());
    }

    @Test
    void aContainerThatWasKilledEndsAndNoPolicyStartsItAgain() throws Exception {
        String id = running("--restart", "unless-stopped");
        killAt(Failpoint.KILL_SIGNALLED, "kill", id);
        awaitState(id, "exited");
        assertEquals("137 0", inspect(id, ".State.ExitCode}} {{.RestartCount"));
    }
}
