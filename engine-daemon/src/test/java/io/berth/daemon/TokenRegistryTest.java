package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.store.registry.TestAuthority;
import io.berth.store.registry.TestRegistry;
import io.berth.store.registry.TestRegistry.Options;
import io.berth.store.registry.TestTokenServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A registry that takes the tokens of another server, by the CLI alone. */
@Tag("engine")
@Timeout(120)
class TokenRegistryTest {

    private static EngineUnderTest engine;
    private static TestTokenServer tokens;
    private static TestRegistry registry;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(TestRegistry.program().isPresent(), "there is no docker-registry: ./dev test unpacks Debian's");
        engine = EngineUnderTest.start();
        TestAuthority authority = TestAuthority.make(Files.createDirectory(engine.scratch().resolve("authority")));
        tokens = TestTokenServer.start(authority, engine.openOnHost(TestTokenServer::bind));
        registry = TestRegistry.start(engine.scratch(), Options.token(tokens.auth()), engine::enterHost);
        new RegistryImage().with("a", 10).put(registry, "public/app", "1");
        new RegistryImage().with("b", 10).put(registry, "app", "1");
    }

    @AfterAll
    static void stop() {
        if (engine != null) {
            registry.close();
            tokens.close();
            engine.close();
        }
    }

    @AfterEach
    void forget() {
        docker("logout", registry.address());
        docker("images", "-q", "--no-trunc", registry.address() + "/*").succeeded().lines().distinct().forEach(image -> docker("rmi", "-f", image).succeeded());
        docker("images", "-q", "--no-trunc", registry.address() + "/*/*").succeeded().lines().distinct().forEach(image -> docker("rmi", "-f", image).succeeded());
    }

    private static Commands.Result docker(String... arguments) {
        return engine.docker().run(arguments);
    }

    private static Commands.Result login(String password) {
        return engine.docker().runWithInput(password.getBytes(StandardCharsets.UTF_8), "login", "-u", TestRegistry.USER, "--password-stdin", registry.address());
    }

    private static void assertRefused(String message, Commands.Result result) {
        assertEquals(1, result.code(), result.out());
        assertTrue(result.err().contains(message), result.err());
    }

    @Test
    void whoHasLoggedInPushesAndPulls() {
        String name = registry.address() + "/app:2";
        assertTrue(login(TestRegistry.PASSWORD).succeeded().contains("Login Succeeded"));
        engine.docker().runWithInput(TestImage.rootFileSystem(), "import", "-c", "CMD [\"sh\"]", "-", name).succeeded();
        String pushed = docker("push", name).succeeded();
        String id = docker("images", "-q", "--no-trunc", name).succeeded();
        docker("rmi", "-f", id.strip()).succeeded();
        String pulled = docker("pull", name).succeeded();
        assertEquals(id, docker("images", "-q", "--no-trunc", name).succeeded());
        assertTrue(pushed.contains("2: digest: " + pulled.replaceFirst("(?s).*Digest: (\\S+).*", "$1")), () -> pushed + pulled);
        assertEquals("in\n", docker("run", "--rm", "--network", "none", name, "echo", "in").succeeded());
        assertTrue(tokens.asked().stream().anyMatch(Set.of("repository:app:pull,push", "repository:app:push,pull")::contains), () -> tokens.asked().toString());
        assertTrue(tokens.asked().contains("repository:app:pull"), () -> tokens.asked().toString());
    }

    @Test
    void theLoginIsKeptAsAnIdentityTokenAndNotAsThePassword() throws IOException {
        login(TestRegistry.PASSWORD).succeeded();
        String kept = Files.readString(engine.scratch().resolve("cli/config.json"));
        assertTrue(kept.contains(TestTokenServer.IDENTITY_TOKEN), kept);
    }

    @Test
    void aWrongPasswordIsNoLogin() {
        assertRefused(": unauthorized: ", login("wrong"));
        assertRefused("incorrect username or password", login("wrong"));
    }

    @Test
    void nobodyReadsWhatIsPublicAndNothingElse() {
        assertEquals("out\n", docker("run", "--rm", "--network", "none", registry.address() + "/public/app:1", "echo", "out").succeeded());
        assertRefused("pull access denied for " + registry.address() + "/app, repository does not exist or may require 'docker login': "
                + "denied: requested access to the resource is denied", docker("pull", registry.address() + "/app:1"));
        docker("tag", registry.address() + "/public/app:1", registry.address() + "/public/app:2").succeeded();
        assertRefused("denied: requested access to the resource is denied", docker("push", registry.address() + "/public/app:2"));
    }
}
