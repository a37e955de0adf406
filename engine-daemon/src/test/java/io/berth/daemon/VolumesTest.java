package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Volumes with and without names, by the docker CLI and the API. All that have a name begin with the same letters. */
class VolumesTest extends ContainerTest {

    private static final String IMAGE_WITH_DATA = "berth-test-data:latest";
    private static final String LISTING = "cd /data; stat -c '%n %u %g %a' . inner inner/file hard; stat -c %Y hard; readlink soft; cat hard; test inner/file -ef hard && echo linked";
    private static final String COPIED = """
            . 1000 1001 751
            inner 1000 1001 2770
            inner/file 1000 1001 755
            hard 1000 1001 755
            1000000000
            inner/file
            content
            linked""";

    @BeforeEach
    void importImage() {
        if (docker("image", "inspect", IMAGE_WITH_DATA).code() != 0) {
            engine.docker().runWithInput(VolumeImage.rootFileSystem(), "import", "--change", "VOLUME /data", "-", IMAGE_WITH_DATA).succeeded();
        }
    }

    @AfterEach
    void removeVolumes() {
        removeContainers();
        docker("volume", "ls", "-q", "--filter", "name=^berth-test").succeeded().lines().forEach(name -> docker("volume", "rm", name));
    }

    @Test
    void aVolumeIsMadeShownAndRemoved() {
        assertEquals("berth-test-a\n", docker("volume", "create", "--label", "a=b", "berth-test-a").succeeded());
        JsonNode shown = json(docker("volume", "inspect", "berth-test-a").succeeded()).get(0);
        assertEquals("local|{\"a\":\"b\"}|berth-test-a|null|local", shown.path("Driver").asText() + "|" + shown.path("Labels") + "|"
                + shown.path("Name").asText() + "|" + shown.path("Options") + "|" + shown.path("Scope").asText());
        assertTrue(shown.path("Mountpoint").asText().endsWith("/volumes/berth-test-a/_data"), shown.toString());
        assertTrue(shown.path("CreatedAt").asText().matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(Z|[+-]\\d\\d:\\d\\d)"), shown.toString());
        docker("volume", "create", "berth-test-a").succeeded();
        docker("volume", "rm", "berth-test-a").succeeded();
        assertFails(1, "get berth-test-a: no such volume", docker("volume", "inspect", "berth-test-a"));
        assertFails(1, "get berth-test-a: no such volume", docker("volume", "rm", "berth-test-a"));
        docker("volume", "rm", "-f", "berth-test-a").succeeded();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', value = {
        "{\"Name\":\"x\"} | 400 | create x: volume name is too short, names should be at least two alphanumeric characters",
        "{\"Name\":\"berth-test-a\",\"Driver\":\"foo\"} | 404 | create berth-test-a: error looking up volume plugin foo: plugin \"foo\" not found",
        "{\"Name\":\"berth-test-a\",\"DriverOpts\":{\"foo\":\"bar\"}} | 400 | create berth-test-a: invalid option: \"foo\""})
    void whatMakesNoSenseIsRefused(String body, int status, String message) {
        RawHttp.Answer answer = engine.request("POST", "/volumes/create", body);
        assertEquals(status + " " + message, answer.status() + " " + message(answer));
    }

    @Test
    void filtersChooseAmongVolumes() {
        docker("volume", "create", "--label", "berth.kind=x", "berth-test-a").succeeded();
        docker("volume", "create", "berth-test-b").succeeded();
        docker(marked("create", "-v", "berth-test-b:/x", IMAGE, "true")).succeeded();
        assertEquals("berth-test-a\nberth-test-b\n", list("name=^berth-test"));
        assertEquals("berth-test-a\n", list("name=^berth-test", "label=berth.kind=x"));
        assertEquals("berth-test-b\n", list("name=^berth-test", "dangling=false"));
        assertEquals("berth-test-a\n", list("name=^berth-test", "dangling=true", "driver=local"));
        assertEquals("", list("name=^berth-test", "driver=other"));
        assertFails(1, "invalid filter 'nonsense'", docker("volume", "ls", "--filter", "nonsense=1"));
    }

    private static String list(String... filters) {
        List<String> words = new ArrayList<>(List.of("volume", "ls", "-q"));
        for (String filter : filters) {
            words.addAll(List.of("--filter", filter));
        }
        return docker(words.toArray(String[]::new)).succeeded();
    }

    @Test
    void whatIsWrittenIntoAVolumeIsThereForTheNext() {
        inside("echo kept >/x/file", "-v", "berth-test-a:/x");
        assertEquals("kept", inside("cat /y/file", "--mount", "type=volume,src=berth-test-a,dst=/y,readonly"));
        assertFails(1, "Read-only file system", script("echo x >/y/file", "-v", "berth-test-a:/y:ro"));
    }

    @Test
    void aVolumeInUseIsNotRemoved() {
        String container = docker(marked("create", "-v", "berth-test-a:/x", IMAGE, "true")).succeeded().strip();
        RawHttp.Answer refused = engine.request("DELETE", "/volumes/berth-test-a?force=1", "");
        assertEquals("409 remove berth-test-a: volume is in use - [" + container + "]", refused.status() + " " + message(refused));
        docker("rm", "-v", container).succeeded();
        docker("volume", "rm", "berth-test-a").succeeded();
    }

    @Test
    void inspectAndListTellWhatIsMounted() {
        String container = docker(marked("create", "-v", "berth-test-a:/x", "-v", "/usr:/b:ro", "--mount", "type=volume,dst=/anonymous",
                "--mount", "type=tmpfs,dst=/t", "--tmpfs", "/hidden", IMAGE, "true")).succeeded().strip();
        String format = "{{range .Mounts}}{{.Type}} {{.Destination}} {{.Driver}} {{.Mode}} {{.RW}} {{.Propagation}}.\n{{end}}";
        List<String> shown = docker("inspect", "--format", format, container).succeeded().strip().lines().sorted().toList();
        assertEquals(List.of("bind /b  ro false rprivate.", "tmpfs /t   true .", "volume /anonymous local z true .", "volume /x local z true ."), shown);
        String mountpoint = docker("volume", "inspect", "--format", "{{.Mountpoint}}", "berth-test-a").succeeded().strip();
        assertEquals("[\"berth-test-a\",\"" + mountpoint + "\"]",
                inspect(container, "range .Mounts}}{{if eq .Destination \"/x\"}}[{{json .Name}},{{json .Source}}]{{end}}{{end").strip());
        assertEquals("[\"berth-test-a:/x\",\"/usr:/b:ro\"]", inspect(container, "json .HostConfig.Binds"));
        assertEquals("[{\"Type\":\"volume\",\"Target\":\"/anonymous\"},{\"Type\":\"tmpfs\",\"Target\":\"/t\"}]", inspect(container, "json .HostConfig.Mounts"));
        assertEquals(container, docker("ps", "-aq", "--no-trunc", "--filter", "volume=berth-test-a", "--filter", "label=" + MARK).succeeded().strip());
    }

    @Test
    void volumesOfTheImageAreFilledWithWhatTheImageHas() {
        assertEquals(COPIED, run("--rm", IMAGE_WITH_DATA, "sh", "-c", LISTING).succeeded().strip());
        assertEquals(COPIED, run("--rm", "-v", "berth-test-a:/data", IMAGE_WITH_DATA, "sh", "-c", LISTING).succeeded().strip());
        assertEquals(COPIED, run("--rm", "-v", "berth-test-a:/other", IMAGE, "sh", "-c", LISTING.replace("/data", "/other")).succeeded().strip());
        assertEquals("file", run("--rm", "--mount", "type=volume,src=berth-test-b,dst=/link,ro", IMAGE_WITH_DATA, "ls", "/link").succeeded().strip());
    }

    @Test
    void onlyAnEmptyVolumeIsFilledAndOnlyWhenItMay() {
        assertEquals("", run("--rm", "-v", "berth-test-a:/data:nocopy", IMAGE_WITH_DATA, "ls", "/data").succeeded());
        assertEquals("", run("--rm", "--mount", "type=volume,src=berth-test-a,dst=/data,volume-nocopy", IMAGE_WITH_DATA, "ls", "/data").succeeded());
        inside("echo mine >/x/own", "-v", "berth-test-a:/x");
        assertEquals("own\n", run("--rm", "-v", "berth-test-a:/data", IMAGE_WITH_DATA, "ls", "/data").succeeded());
    }

    @Test
    void aVolumeOverAFileOfTheImageIsRefused() {
        Commands.Result refused = docker(marked("create", "-v", "/etc/passwd", IMAGE));
        assertFails(1, "cannot mount volume over existing file, file exists", refused);
    }

    @Test
    void volumesWithoutANameGoWithTheContainerWhenItIsSaid() {
        String container = docker(marked("create", "-v", "/anonymous", "-v", "berth-test-a:/named", "--mount", "type=volume,dst=/other", IMAGE_WITH_DATA, "true"))
                .succeeded().strip();
        List<String> names = inspect(container, "range .Mounts}}{{.Name}} {{end").lines().flatMap(line -> List.of(line.split(" ")).stream())
                .filter(name -> !name.equals("berth-test-a")).toList();
        assertEquals(3, names.size(), names::toString);
        for (String name : names) {
            assertEquals("{\"com.docker.volume.anonymous\":\"\"}", docker("volume", "inspect", "--format", "{{json .Labels}}", name).succeeded().strip());
        }
        docker("rm", "-v", container).succeeded();
        names.forEach(name -> assertEquals(1, docker("volume", "inspect", name).code(), name));
        docker("volume", "inspect", "berth-test-a").succeeded();
    }

    @Test
    void volumesWithoutANameStayWhenNothingIsSaid() {
        String container = docker(marked("create", "-v", "/anonymous", IMAGE, "true")).succeeded().strip();
        String name = inspect(container, "range .Mounts}}{{.Name}}{{end");
        docker("rm", container).succeeded();
        docker("volume", "rm", name).succeeded();
    }

    @Test
    void aContainerThatRemovesItselfTakesItsNamelessVolumesAlong() {
        String container = runDetached("--rm", "-v", "/anonymous", "-v", "berth-test-a:/x", IMAGE, "sleep", "1000");
        String name = inspect(container, "range .Mounts}}{{if eq .Destination \"/anonymous\"}}{{.Name}}{{end}}{{end");
        docker("volume", "inspect", name).succeeded();
        docker("kill", container).succeeded();
        Await.until("the volume to be gone", PATIENCE, () -> docker("volume", "inspect", name).code() != 0, () -> name);
        docker("volume", "inspect", "berth-test-a").succeeded();
    }

    @Test
    void theVolumesOfAnotherContainerAreMountedAsItHasThem() {
        String other = docker(marked("create", "-v", "berth-test-a:/x", "-v", "/usr:/b:ro", "-v", "/anonymous", "--tmpfs", "/t", IMAGE, "true"))
                .succeeded().strip();
        String format = "{{range .Mounts}}{{.Type}} {{.Destination}} {{.Mode}} {{.RW}} {{.Propagation}}.\n{{end}}";
        String taking = docker(marked("create", "--volumes-from", other, IMAGE, "true")).succeeded().strip();
        assertEquals(List.of("bind /b  false rprivate.", "volume /anonymous  true .", "volume /x  true ."),
                docker("inspect", "--format", format, taking).succeeded().strip().lines().sorted().toList());
        String reading = docker(marked("create", "--volumes-from", other + ":ro", "-v", "/usr:/x", IMAGE, "true")).succeeded().strip();
        assertEquals(List.of("bind /b  false rprivate.", "bind /x  true rprivate.", "volume /anonymous  false ."),
                docker("inspect", "--format", format, reading).succeeded().strip().lines().sorted().toList());
        assertEquals("[\"" + other + ":ro\"]", inspect(reading, "json .HostConfig.VolumesFrom"));
        assertEquals("", run("--rm", "--volumes-from", taking, IMAGE, "sh", "-c", "echo y >/anonymous/f").succeeded());
        assertEquals("y\n", run("--rm", "--volumes-from", other, IMAGE, "cat", "/anonymous/f").succeeded());
    }

    /** Its last user takes a nameless volume along. */
    @Test
    void aNamelessVolumeThatAnotherUsesStaysUntilThatGoesToo() {
        String first = docker(marked("create", "-v", "/anonymous", IMAGE, "true")).succeeded().strip();
        String second = docker(marked("create", "--volumes-from", first, IMAGE, "true")).succeeded().strip();
        String name = inspect(first, "range .Mounts}}{{.Name}}{{end");
        docker("rm", "-v", first).succeeded();
        docker("volume", "inspect", name).succeeded();
        docker("rm", "-v", second).succeeded();
        assertEquals(1, docker("volume", "inspect", name).code());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', value = {"no-such-container | No such container: no-such-container",
        "no-such-container:foo | invalid mode: foo", "a:b:c | invalid mode: b:c"})
    void volumesFromWhatDoesNotExistAreRefused(String from, String message) {
        RawHttp.Answer answer = engine.request("POST", "/containers/create",
                "{\"Image\":\"" + IMAGE + "\",\"Labels\":{\"" + MARK + "\":\"\"},\"HostConfig\":{\"VolumesFrom\":[\"" + from + "\"]}}");
        assertEquals("400 " + message, answer.status() + " " + message(answer));
    }

    @Test
    void pruneRemovesWhatNobodyNamedAndOnDemandTheRest() {
        docker("volume", "create", "--label", "berth.kind=x", "berth-test-a").succeeded();
        JsonNode nameless = json(engine.request("POST", "/volumes/create", "{\"Labels\":{\"berth.kind\":\"x\"}}"));
        JsonNode pruned = json(engine.request("POST", "/volumes/prune?filters=%7B%22label%22%3A%5B%22berth.kind%3Dx%22%5D%7D", ""));
        assertEquals("[\"" + nameless.path("Name").asText() + "\"]|0", pruned.path("VolumesDeleted") + "|" + pruned.path("SpaceReclaimed"));
        docker("volume", "prune", "-f", "-a", "--filter", "label=berth.kind=x").succeeded();
        assertEquals("", list("name=^berth-test"));
    }

    @Test
    void aRunTellsWhatBecomesOfItsVolumes() {
        String since = Long.toString(System.currentTimeMillis() / 1000);
        String container = run("-d", "-v", "berth-test-told:/x:ro", IMAGE, "true").succeeded().strip();
        awaitState(container, "exited");
        docker("rm", container).succeeded();
        docker("volume", "rm", "berth-test-told").succeeded();
        List<String> seen = docker("events", "--since", since, "--until", Long.toString(System.currentTimeMillis() / 1000 + 1), "--filter", "volume=berth-test-told",
                "--format", "{{.Action}} {{json .Actor.Attributes}}").succeeded().lines().toList();
        assertEquals(List.of("create {\"driver\":\"local\"}",
                "mount {\"container\":\"" + container + "\",\"destination\":\"/x\",\"driver\":\"local\",\"propagation\":\"\",\"read/write\":\"false\"}",
                "unmount {\"container\":\"" + container + "\",\"driver\":\"local\"}", "destroy {\"driver\":\"local\"}"), seen);
    }

    @Test
    void theRoomAVolumeTakesIsTold() {
        inside("dd if=/dev/zero of=/x/file bs=1000 count=5", "-v", "berth-test-a:/x");
        docker(marked("create", "-v", "berth-test-a:/x", IMAGE, "true")).succeeded();
        for (JsonNode volume : json(engine.get("/system/df?type=volume")).path("Volumes")) {
            if (volume.path("Name").asText().equals("berth-test-a")) {
                assertEquals("{\"RefCount\":1,\"Size\":5000}", volume.path("UsageData").toString());
                return;
            }
        }
        throw new AssertionError("the volume is not in system df");
    }

    @Test
    void volumesAndTheirUsersSurviveTheDaemon() {
        engine.requireBerth("the daemon is killed");
        String container = runDetached("-v", "berth-test-a:/x", "-v", "/anonymous", IMAGE, "sh", "-c", "echo kept >/x/file; sleep 1000");
        String shown = inspect(container, "json .Mounts");
        engine.kill();
        engine.startDaemon();
        assertEquals(shown, inspect(container, "json .Mounts"));
        assertFails(1, "volume is in use", docker("volume", "rm", "berth-test-a"));
        docker("rm", "-fv", container).succeeded();
        assertEquals("berth-test-a\n", docker("volume", "ls", "-q").succeeded());
        assertEquals("kept", inside("cat /y/file", "-v", "berth-test-a:/y"));
    }
}
