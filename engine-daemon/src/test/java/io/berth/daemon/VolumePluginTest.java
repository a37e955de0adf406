package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.daemon.failpoint.Failpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Volumes that a plugin keeps, by the docker CLI; the plugin is a server of the test's own where plugins are looked for. */
class VolumePluginTest extends ContainerTest {

    private static final String PLUGIN = "berth-test-plugin";
    private static final String VOLUME = "berth-test-kept";

    private Path content;
    private PluginServer plugin;
    private boolean armed;

    @BeforeEach
    void startPlugin() throws IOException {
        content = Files.createTempDirectory(engine.scratch(), "plugin");
        plugin = new PluginServer(PLUGIN, content);
    }

    @AfterEach
    void stopPlugin() {
        plugin.hangAt("");
        if (armed) {
            engine.kill();
            engine.startDaemon();
            armed = false;
        }
        removeContainers();
        docker("volume", "ls", "-q", "--filter", "name=^berth-test").succeeded().lines().forEach(name -> docker("volume", "rm", name));
        plugin.close();
    }

    @Test
    void aPluginMakesShowsAndRemovesItsVolumes() {
        docker("volume", "create", "-d", PLUGIN, "--opt", "k=v", "--label", "a=b", VOLUME).succeeded();
        JsonNode shown = json(docker("volume", "inspect", VOLUME).succeeded()).get(0);
        assertEquals(PLUGIN + "|{\"a\":\"b\"}|{\"k\":\"v\"}|global|{\"users\":0}|", shown.path("Driver").asText() + "|" + shown.path("Labels") + "|"
                + shown.path("Options") + "|" + shown.path("Scope").asText() + "|" + shown.path("Status") + "|" + shown.path("Mountpoint").asText());
        assertEquals(PLUGIN + " " + VOLUME + "\n", docker("volume", "ls", "--filter", "driver=" + PLUGIN, "--format", "{{.Driver}} {{.Name}}").succeeded());
        assertTrue(json(engine.get("/info")).path("Plugins").path("Volume").toString().contains("\"" + PLUGIN + "\""));
        docker("volume", "create", "-d", PLUGIN, VOLUME).succeeded();
        docker("volume", "rm", VOLUME).succeeded();
        assertEquals(List.of("Create " + VOLUME + " {\"k\":\"v\"}", "Remove " + VOLUME), plugin.calls());
        assertFails(1, "get " + VOLUME + ": no such volume", docker("volume", "inspect", VOLUME));
    }

    @Test
    void aNameBelongsToOneDriver() {
        docker("volume", "create", "-d", PLUGIN, VOLUME).succeeded();
        assertFails(1, "create " + VOLUME + ": driver '" + PLUGIN + "' already has volume '" + VOLUME + "': volume name must be unique",
                docker("volume", "create", VOLUME));
        docker("volume", "create", "berth-test-local").succeeded();
        assertFails(1, "driver 'local' already has volume", docker("volume", "create", "-d", PLUGIN, "berth-test-local"));
    }

    @Test
    void aContainerHasTheVolumeAndThePluginKnowsWhoHasIt() throws IOException {
        inside("echo written >/x/file", "-v", VOLUME + ":/x", "--volume-driver", PLUGIN);
        assertEquals("written\n", Files.readString(content.resolve(VOLUME).resolve("file")));
        Await.until("the volume to be given back", PATIENCE, () -> plugin.users(VOLUME).isEmpty(), () -> plugin.users(VOLUME).toString());
        String container = runDetached("-v", VOLUME + ":/x", IMAGE, "sleep", "1000");
        assertEquals(1, plugin.users(VOLUME).size());
        assertEquals(PLUGIN, inspect(container, "range .Mounts}}{{.Driver}}{{end"));
        String other = runDetached("--mount", "type=volume,src=" + VOLUME + ",dst=/y,volume-driver=" + PLUGIN, IMAGE, "sleep", "1000");
        assertEquals("written\n", docker("exec", other, "cat", "/y/file").succeeded());
        assertEquals(2, plugin.users(VOLUME).size());
        assertFails(1, "volume is in use", docker("volume", "rm", VOLUME));
        docker("kill", container, other).succeeded();
        Await.until("the volume to be given back", PATIENCE, () -> plugin.users(VOLUME).isEmpty(), () -> plugin.users(VOLUME).toString());
    }

    @Test
    void whatThePluginSaysIsTold() {
        assertFails(1, "create berth-test-refused-Create: no way to Create", docker("volume", "create", "-d", PLUGIN, "berth-test-refused-Create"));
        assertFails(1, "create " + VOLUME + ": error looking up volume plugin berth-test-absent: plugin \"berth-test-absent\" not found",
                docker("volume", "create", "-d", "berth-test-absent", VOLUME));
        docker("volume", "create", "-d", PLUGIN, "berth-test-refused-Mount").succeeded();
        assertFails(125, "error while mounting volume '': no way to Mount", run("--rm", "-v", "berth-test-refused-Mount:/x", IMAGE, "true"));
    }

    @Test
    void pruneAndDiskUsageLeaveAPluginsVolumesAlone() {
        docker("volume", "create", "-d", PLUGIN, VOLUME).succeeded();
        docker("volume", "prune", "-af").succeeded();
        assertFalse(json(engine.get("/system/df?type=volume")).toString().contains(VOLUME));
        docker("volume", "inspect", VOLUME).succeeded();
    }

    @Test
    void aPluginThatHangsIsNamedAndHoldsUpNobodyElse() {
        engine.requireBerth("the reference waits for a minute");
        docker("volume", "create", "-d", PLUGIN, VOLUME).succeeded();
        plugin.hangAt("List");
        JsonNode listed = json(engine.get("/volumes"));
        assertTrue(listed.path("Warnings").toString().contains("list " + PLUGIN + ": "), listed.toString());
        assertTrue(listed.path("Volumes").toString().contains("\"" + VOLUME + "\""), listed.toString());
        assertEquals("ok", inside("echo ok", "-v", "berth-test-local:/x"));
    }

    /** The next daemon knows what this one may have mounted, and gives back what nobody has. */
    @ParameterizedTest
    @EnumSource(names = {"VOLUME_MOUNT_INTENDED", "VOLUME_MOUNTED", "VOLUME_UNMOUNTED"})
    void afterAKillThePluginIsToldOfEachUserWhoHasGone(Failpoint point) throws Exception {
        engine.requireBerth("kills the daemon");
        docker("volume", "create", "-d", PLUGIN, VOLUME).succeeded();
        String victim = docker(marked("create", "-v", VOLUME + ":/x", IMAGE, "true")).succeeded().strip();
        String running = runDetached("-v", VOLUME + ":/x", IMAGE, "sleep", "1000");
        Path reached = Files.createTempDirectory(engine.scratch(), "point").resolve("reached");
        engine.stop();
        armed = true;
        engine.startDaemon("-Dberth.failpoint=" + point + " -Dberth.failpoint.reached=" + reached);
        Process client = engine.docker().start("start", victim);
        Await.until(point.toString(), PATIENCE, () -> Files.exists(reached), engine::log);
        engine.kill();
        client.destroyForcibly().waitFor();
        engine.startDaemon();
        armed = false;
        Await.until("the dead user to be gone", PATIENCE, () -> plugin.users(VOLUME).equals(List.of(running)), () -> plugin.users(VOLUME).toString());
        docker("kill", running).succeeded();
        Await.until("the volume to be given back", PATIENCE, () -> plugin.users(VOLUME).isEmpty(), () -> plugin.users(VOLUME).toString());
    }
}
