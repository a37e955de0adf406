package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.store.registry.TestRegistry;
import io.berth.store.registry.TestRegistry.Options;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an engine does with a registry alone: log in, ask what it has, search. */
@Tag("engine")
@Timeout(120)
class RegistryTest {

    private static EngineUnderTest engine;
    private static TestRegistry plain;
    private static TestRegistry locked;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(TestRegistry.program().isPresent(), "there is no docker-registry: ./dev test unpacks Debian's");
        engine = EngineUnderTest.start();
        plain = TestRegistry.start(engine.scratch(), Options.PLAIN, engine::enterHost);
        locked = TestRegistry.start(engine.scratch(), Options.HTPASSWD, engine::enterHost);
    }

    @AfterAll
    static void stop() {
        if (engine != null) {
            plain.close();
            locked.close();
            engine.close();
        }
    }

    @Test
    void theCliLogsInWithTheRightPassword() {
        assertTrue(login(TestRegistry.PASSWORD).succeeded().contains("Login Succeeded"));
        Commands.Result wrong = login("wrong");
        assertNotEquals(0, wrong.code());
        assertTrue(wrong.err().contains("login attempt to http://" + locked.address() + "/v2/ failed with status: 401 Unauthorized"), wrong.err());
    }

    private static Commands.Result login(String password) {
        return engine.docker().runWithInput(password.getBytes(StandardCharsets.UTF_8), "login", "-u", TestRegistry.USER, "--password-stdin", locked.address());
    }

    @Test
    void loggingInIsAnsweredWithTheReferencesStatuses() {
        assertAnswer(500, "Get \"http://127.0.0.1:1/v2/\": dial tcp 127.0.0.1:1: connect: connection refused", auth("127.0.0.1:1", "x"));
        assertAnswer(500, "login attempt to http://" + locked.address() + "/v2/ failed with status: 401 Unauthorized", auth(locked.address(), "x"));
        assertEquals(200, auth(plain.address(), "x").status());
        assertEquals(200, auth("http://" + locked.address() + "/v2/", TestRegistry.PASSWORD).status());
        assertEquals(400, auth("bad host/", "x").status());
    }

    private static RawHttp.Answer auth(String server, String password) {
        return engine.request("POST", "/auth", "{\"username\":\"" + TestRegistry.USER + "\",\"password\":\"" + password + "\",\"serveraddress\":\"" + server + "\"}");
    }

    @Test
    void whatARegistryDoesNotHaveIsToldInItsWords() {
        assertAnswer(404, "manifest unknown: manifest unknown", engine.get("/distribution/" + plain.address() + "/nope:1/json"));
        assertAnswer(500, "Head \"http://" + locked.address() + "/v2/nope/manifests/1\": no basic auth credentials",
                engine.get("/distribution/" + locked.address() + "/nope:1/json"));
        assertAnswer(500, "Get \"http://127.0.0.1:1/v2/\": dial tcp 127.0.0.1:1: connect: connection refused", engine.get("/distribution/127.0.0.1:1/nope:1/json"));
        assertAnswer(400, "invalid reference format: repository name (library/BAD) must be lowercase", engine.get("/distribution/BAD/json"));
    }

    @Test
    void aSearchThatMakesNoSenseIsRefused() {
        assertAnswer(400, "limit 200 is outside the range of [1, 100]", engine.get("/images/search?term=x&limit=200"));
        assertAnswer(400, "invalid repository name: repository name (http://x/y) should not have a scheme", engine.get("/images/search?term=http://x/y"));
        assertAnswer(400, "invalid filter 'foo'", engine.get("/images/search?term=x&filters=%7B%22foo%22%3A%5B%22a%22%5D%7D"));
        assertAnswer(400, "invalid filter 'stars=a': strconv.Atoi: parsing \"a\": invalid syntax",
                engine.get("/images/search?term=x&filters=%7B%22stars%22%3A%5B%22a%22%5D%7D"));
        assertAnswer(400, "invalid filter 'is-official=[a]'", engine.get("/images/search?term=x&filters=%7B%22is-official%22%3A%5B%22a%22%5D%7D"));
    }

    private static void assertAnswer(int status, String message, RawHttp.Answer answer) {
        assertEquals("{\"message\":\"" + message.replace("\"", "\\\"") + "\"}", answer.text().strip());
        assertEquals(status, answer.status());
    }
}
