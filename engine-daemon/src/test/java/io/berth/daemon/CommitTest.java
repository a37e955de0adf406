package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code docker commit}: what becomes of a container's files and configuration. */
class CommitTest extends ContainerTest {

    private static final String COMMITTED = "berth-test-committed";
    private static final String DIGITS = "0000000000000000000000000000000000000000000000000000000000000000";

    @AfterEach
    void removeImages() {
        removeContainers();
        docker("rmi", "-f", COMMITTED);
    }

    private static String ended(String script, String... options) {
        List<String> words = new ArrayList<>(List.of(options));
        words.addAll(List.of(IMAGE, "sh", "-c", script));
        String id = runDetached(words.toArray(String[]::new));
        awaitState(id, "exited");
        return id;
    }

    private static String commit(String container, String... options) {
        List<String> words = new ArrayList<>(List.of("commit"));
        words.addAll(List.of(options));
        words.addAll(List.of(container, COMMITTED));
        return docker(words.toArray(String[]::new)).succeeded().strip();
    }

    private static JsonNode image() {
        return json(engine.get("/images/" + COMMITTED + "/json"));
    }

    @Test
    void imageHasTheContainersFilesAndLacksWhatItRemoved() {
        String id = ended("echo new > /etc/new; rm /etc/group; mkdir -p /a/b; ln -s /etc/new /a/b/link; mkfifo /a/p; chmod 4711 /a; chown 5:6 /a");
        commit(id);
        assertEquals("new\ngone\n4711 5 6\nnew\n", run("--rm", COMMITTED, "sh", "-c",
                "cat /etc/new; [ -e /etc/group ] || echo gone; stat -c '%a %u %g' /a; cat /a/b/link; [ -p /a/p ]").succeeded());
    }

    @Test
    void imageRunsAsTheContainerDidWithTheChangesOnTop() {
        String id = ended("true", "-e", "X=1", "-w", "/etc", "--label", "own=1", "-p", "80", "-u", "user");
        String committed = commit(id, "-a", "me <m@x>", "-m", "hello", "--change", "CMD [\"id\", \"-u\"]", "--change", "ENV Q=w", "-c", "LABEL a=b",
                "-c", "HEALTHCHECK --interval=2m --retries=3 CMD true");
        JsonNode image = image();
        assertEquals(committed, image.path("Id").asText());
        assertEquals("hello", image.path("Comment").asText());
        assertEquals("me <m@x>", image.path("Author").asText());
        JsonNode config = image.path("Config");
        assertEquals("[\"X=1\",\"PATH=/bin\",\"Q=w\"]", config.path("Env").toString());
        assertEquals("[\"id\",\"-u\"]", config.path("Cmd").toString());
        assertEquals("/etc", config.path("WorkingDir").asText());
        assertEquals("user", config.path("User").asText());
        assertEquals("b", config.path("Labels").path("a").asText());
        assertEquals("1", config.path("Labels").path("own").asText());
        assertEquals("{\"80/tcp\":{}}", config.path("ExposedPorts").toString());
        assertEquals(120_000_000_000L, config.path("Healthcheck").path("Interval").asLong());
        JsonNode history = json(engine.get("/images/" + COMMITTED + "/history"));
        assertEquals(2, history.size());
        assertEquals("sh -c true", history.get(0).path("CreatedBy").asText());
        assertEquals("hello", history.get(0).path("Comment").asText());
    }

    @Test
    void newEntrypointLeavesTheOldCommandBehind() {
        commit(ended("true"), "--change", "ENTRYPOINT [\"echo\"]");
        JsonNode config = image().path("Config");
        assertEquals("[\"echo\"]", config.path("Entrypoint").toString());
        assertTrue(config.path("Cmd").isEmpty(), config::toString);
    }

    @Test
    void containerThatChangedNothingAddsNoLayer() {
        commit(ended("true"));
        assertEquals(1, image().path("RootFS").path("Layers").size());
        commit(ended("echo > /f"));
        assertEquals(2, image().path("RootFS").path("Layers").size());
    }

    @Test
    void runningContainerIsPausedAndGoesOn() {
        String id = runDetached(IMAGE, "sh", "-c", "echo kept > /kept; echo ready; exec sleep 1000");
        awaitLog(id, "ready");
        commit(id);
        assertEquals("running", inspect(id, ".State.Status"));
        assertEquals("kept\n", run("--rm", COMMITTED, "cat", "/kept").succeeded());
    }

    @Test
    void whatIsMountedInTheContainerIsNotInTheImage() throws IOException {
        Path host = Files.createTempDirectory(engine.scratch(), "bind");
        Files.writeString(host.resolve("of-the-host"), "");
        commit(ended("touch /scratch/t", "-v", host + ":/mnt", "--tmpfs", "/scratch"));
        assertEquals("", run("--rm", COMMITTED, "sh", "-c", "ls /mnt /scratch | grep -v :").out().strip());
    }

    @Test
    void imageOfAnImageOfAContainerHasAllLayers() {
        commit(ended("echo 1 > /one; echo 1 > /both"));
        String second = runDetached(COMMITTED, "sh", "-c", "echo 2 > /two; echo 2 > /both; rm /one");
        awaitState(second, "exited");
        commit(second);
        assertEquals(3, image().path("RootFS").path("Layers").size());
        assertEquals("2\n2\n", run("--rm", COMMITTED, "sh", "-c", "cat /two /both; [ ! -e /one ]").succeeded());
    }

    @ParameterizedTest
    @CsvSource({"'', 'invalid name or ID supplied: \"\"', 400", "container=nosuch, No such container: nosuch, 404",
            "container=ID&changes=FROM%20x, FROM is not a valid change command, 400",
            "container=ID&changes=RUN%20x, RUN is not a valid change command, 400",
            "container=ID&changes=STOPSIGNAL%20junk, invalid signal: junk, 400", "container=ID&changes=, file with no instructions, 400",
            "container=ID&repo=x@sha256:" + DIGITS + ", cannot import digest reference, 400",
            "container=ID&repo=" + COMMITTED + "&tag=bad!, invalid tag format, 400"})
    void badRequestsAreRefusedInTheReferencesWords(String query, String message, int status) {
        String id = docker(marked("create", IMAGE)).succeeded().strip();
        RawHttp.Answer answer = engine.request("POST", "/commit?" + query.replace("ID", id), "");
        assertEquals(message, message(answer));
        assertEquals(status, answer.status());
    }

    @Test
    void healthCheckOfTheBodyOrTheChangesTakesFromTheContainerWhatItLeavesOpen() {
        String id = docker(marked("create", "--health-cmd", "true", "--health-interval", "7s", IMAGE)).succeeded().strip();
        commit(id, "-c", "HEALTHCHECK --retries=2 CMD [\"q\"]");
        assertEquals(json("{\"Test\":[\"CMD\",\"q\"],\"Interval\":7000000000,\"Retries\":2}"), image().path("Config").path("Healthcheck"));
    }

    @Test
    void commitsStandInAChainThatIsRemovedFromItsEnd() {
        String base = docker("inspect", "-f", "{{.Id}}", IMAGE).succeeded().strip();
        String first = commit(ended("echo > /f"));
        assertEquals(base, image().path("Parent").asText());
        String above = docker(marked("create", COMMITTED, "true")).succeeded().strip();
        String second = docker("commit", above).succeeded().strip();
        docker("rm", above).succeeded();
        JsonNode history = json(engine.get("/images/" + second + "/history"));
        assertEquals(List.of(second, first, base), List.of(0, 1, 2).stream().map(line -> history.get(line).path("Id").asText()).toList());
        docker("rmi", COMMITTED).succeeded();
        RawHttp.Answer held = engine.request("DELETE", "/images/" + first + "?force=1", "");
        assertEquals("409 conflict: unable to delete " + first.substring(7, 19) + " (cannot be forced) - image has dependent child images",
                held.status() + " " + message(held));
        assertTrue(docker("images", "-q", "--no-trunc").out().lines().noneMatch(first::equals), "only with --all");
        assertTrue(docker("images", "-aq", "--no-trunc").out().lines().anyMatch(first::equals));
        assertTrue(docker("images", "-aq", "--no-trunc", "-f", "dangling=true").out().lines().noneMatch(first::equals));
        docker("rmi", second).succeeded();
        assertEquals(404, engine.get("/images/" + first + "/json").status());
        assertEquals(200, engine.get("/images/" + base + "/json").status());
    }

    @Test
    void commitIsToldAsAnEvent() throws IOException {
        String id = ended("true");
        String filters = URLEncoder.encode("{\"container\":[\"" + id + "\"],\"event\":[\"commit\"]}", StandardCharsets.UTF_8);
        try (RawHttp events = engine.connect()) {
            events.sendHead("GET", "/events?filters=" + filters, Map.of(), 0);
            events.readHead();
            String image = commit(id, "-m", "why");
            events.readLine(); // the length of a chunk
            JsonNode attributes = json(events.readLine()).path("Actor").path("Attributes");
            assertEquals(List.of("why", image, COMMITTED + ":latest"), List.of(attributes.path("comment").asText(),
                    attributes.path("imageID").asText(), attributes.path("imageRef").asText()));
        }
    }

    @Test
    void bodyOverridesTheContainersConfiguration() {
        String id = ended("true", "-e", "X=1");
        RawHttp.Answer answer = engine.request("POST", "/commit?container=" + id + "&repo=" + COMMITTED, "{\"Cmd\":[\"only\"],\"Env\":[\"Z=9\"]}");
        assertEquals(201, answer.status(), answer::text);
        assertEquals("[\"only\"]", image().path("Config").path("Cmd").toString());
        assertTrue(image().path("Config").path("Env").toString().contains("\"X=1\""));
    }
}
