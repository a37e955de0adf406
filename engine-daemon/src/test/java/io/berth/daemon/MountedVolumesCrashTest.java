package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.berth.daemon.failpoint.Failpoint;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The daemon is killed while volumes are mounted: the next one shares what is mounted, and leaves nothing mounted for nobody. */
class MountedVolumesCrashTest extends ArmedDaemonTest {

    private static final String MEMORY = "berth-test-memory";

    @AfterEach
    void removeVolumes() {
        removeContainers();
        docker("volume", "rm", MEMORY).succeeded();
        assertEquals(List.of(), mounted());
    }

    private static void make() {
        docker("volume", "create", "--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", "o=size=1m", MEMORY).succeeded();
    }

    private static List<String> mounted() {
        return Residue.mountsBelow(engine.dataRoot().resolve("volumes"));
    }

    @Test
    void aKillOfTheDaemonChangesNothingForThoseThatShareTheMount() {
        make();
        String first = runDetached("-v", MEMORY + ":/x", IMAGE, "sleep", "1000");
        docker("exec", first, "sh", "-c", "echo shared >/x/file").succeeded();
        engine.kill();
        engine.startDaemon();
        assertEquals("shared", inside("cat /y/file", "-v", MEMORY + ":/y"));
        assertEquals(1, mounted().size());
        engine.kill();
        // The container ends while nobody looks.
        Residue.processesOf(engine.instance()).stream().filter(pid -> Residue.commandLine(pid).startsWith("sleep")).forEach(Residue::terminate);
        engine.startDaemon();
        awaitState(first, "exited");
        Await.until("the mount to be gone", PATIENCE, () -> mounted().isEmpty(), () -> mounted().toString());
    }

    @ParameterizedTest
    @EnumSource(names = {"VOLUME_MOUNT_INTENDED", "VOLUME_MOUNTED", "VOLUME_UNMOUNTED"})
    void afterAKillNothingIsMountedForNobody(Failpoint point) throws Exception {
        make();
        String victim = docker(marked("create", "-v", MEMORY + ":/x", IMAGE, "true")).succeeded().strip();
        killAt(point, "start", victim);
        Await.until("the mount to be gone", PATIENCE, () -> mounted().isEmpty(), () -> mounted().toString());
        docker("start", victim).succeeded();
        awaitState(victim, "exited");
    }
}
