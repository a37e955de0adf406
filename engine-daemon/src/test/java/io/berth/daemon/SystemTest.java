package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an engine says of itself, to the docker CLI and to raw HTTP. */
@Tag("engine")
@Timeout(120)
class SystemTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static EngineUnderTest engine;

    @BeforeAll
    static void start() {
        engine = EngineUnderTest.start();
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    @Test
    void dockerVersionShowsClientAndServer() {
        Commands.Result version = engine.docker().run("version", "--format", "{{json .Server}}");
        JsonNode server = json(version.succeeded());
        assertEquals("1.51", server.get("ApiVersion").asText());
        assertTrue(server.get("Version").asText().startsWith("28."), version.out());
        assertEquals("", version.err());
        engine.docker().run("version").succeeded();
    }

    @Test
    void dockerInfoShowsNoErrorAndNoWarning() {
        Commands.Result info = engine.docker().run("info");
        assertFalse(info.succeeded().contains("ERROR"), info.out());
        assertEquals("", info.err());
        assertTrue(info.out().contains("Storage Driver: overlay2"), info.out());
        assertTrue(info.out().contains("Kernel Version: "), info.out());
        assertTrue(info.out().matches("(?s).*\\n ID: [0-9a-f-]{36}\\n.*"), info.out());
    }

    @Test
    void pingAnswersOnAnyVersionAndTellsTheNewest() {
        for (String path : List.of("/_ping", "/v1.24/_ping", "/v1.51/_ping")) {
            RawHttp.Answer answer = engine.get(path);
            assertEquals(200, answer.status());
            assertEquals("OK", answer.text());
            assertEquals("1.51", answer.headers().get("api-version"));
            assertEquals("linux", answer.headers().get("ostype"));
            assertEquals("inactive", answer.headers().get("swarm"));
            assertTrue(answer.headers().containsKey("builder-version"), answer.headers()::toString);
        }
        RawHttp.Answer head = engine.request("HEAD", "/_ping", "");
        assertEquals(200, head.status());
        assertEquals(0, head.body().length);
    }

    @Test
    void versionsThatAreNotServedAreRefusedInTheReferencesWords() {
        RawHttp.Answer newer = engine.get("/v1.99/info");
        assertEquals(400, newer.status());
        assertEquals("client version 1.99 is too new. Maximum supported API version is 1.51", message(newer));
        assertEquals("application/json", newer.headers().get("content-type"));
        assertEquals(400, engine.get("/v1.12/info").status());
    }

    @Test
    void whatDoesNotExistIsNotFoundInTheReferencesWords() {
        RawHttp.Answer answer = engine.get("/v1.51/no/such/path");
        assertEquals(404, answer.status());
        assertEquals("page not found", message(answer));
        assertEquals("application/json", answer.headers().get("content-type"));
    }

    @Test
    void aPathThatIsNotCleanLeadsToWhatItMeans() {
        for (String path : List.of("//v1.51/_ping", "/v1.51//_ping", "/v1.51/./_ping", "/v1.51/info/../_ping")) {
            RawHttp.Answer answer = engine.get(path);
            assertEquals(301, answer.status(), path);
            assertEquals("/v1.51/_ping", answer.headers().get("location"), path);
        }
    }

    @Test
    void swarmIsNotThereAndSaysSo() {
        Commands.Result nodes = engine.docker().run("node", "ls");
        assertEquals(1, nodes.code());
        assertTrue(nodes.err().contains("This node is not a swarm manager."), nodes.err());
        assertEquals(503, engine.get("/v1.51/services").status());
    }

    @Test
    void eventsOfThePastEndByThemselves() {
        Commands.Result events = engine.docker().run("events", "--since", "0", "--until", "1");
        assertEquals("", events.succeeded());
    }

    @Test
    void eventsSendTheirHeadAtOnceAndEndWithTheClient() throws IOException {
        int before = json(engine.get("/v1.51/info").text()).get("NEventsListener").asInt();
        try (RawHttp http = engine.connect()) {
            http.sendHead("GET", "/v1.51/events", Map.of(), 0);
            assertEquals(200, http.readHead().status());
            awaitListeners(before + 1);
        }
        awaitListeners(before);
    }

    private static void awaitListeners(int count) {
        Await.until(count + " listeners", java.time.Duration.ofSeconds(10),
                () -> json(engine.get("/v1.51/info").text()).get("NEventsListener").asInt() == count, () -> engine.get("/v1.51/info").text());
    }

    @Test
    void severalRequestsShareAConnection() throws IOException {
        try (RawHttp http = engine.connect()) {
            for (int i = 0; i < 20; i++) {
                assertEquals(200, http.request("GET", "/v1.51/version", "").status());
            }
        }
    }

    @Test
    void theSocketIsForItsOwnerAndGroupOnly() throws IOException {
        assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(engine.socket())));
    }

    @Test
    void askingAThousandTimesLeavesNothingOpen() {
        engine.requireBerth("looks at the daemon's descriptors");
        engine.get("/v1.51/info");
        int before = openFiles();
        List<Integer> statuses = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            statuses.add(engine.get("/_ping").status());
        }
        assertTrue(statuses.stream().allMatch(status -> status == 200));
        Await.until("the descriptors to be closed", java.time.Duration.ofSeconds(10),
                () -> openFiles() <= before + 20, () -> before + " before, now " + openFiles());
    }

    private static int openFiles() {
        return json(engine.get("/v1.51/info").text()).get("NFd").asInt();
    }

    private static String message(RawHttp.Answer answer) {
        return json(answer.text()).get("message").asText();
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException invalid) {
            throw new AssertionError("not JSON: " + text, invalid);
        }
    }
}
