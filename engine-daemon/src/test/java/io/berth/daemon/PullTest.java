package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.store.content.Digest;
import io.berth.store.registry.TestAuthority;
import io.berth.store.registry.TestRegistry;
import io.berth.store.registry.TestRegistry.Options;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Images out of real registries, by the CLI. */
@Tag("engine")
@Timeout(180)
class PullTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String LATER = "/later-";
    private static EngineUnderTest engine;
    private static TestRegistry registry;
    private static Digest app;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(TestRegistry.program().isPresent(), "there is no docker-registry: ./dev test unpacks Debian's");
        engine = EngineUnderTest.start();
        registry = TestRegistry.start(engine.scratch(), Options.PLAIN, engine::enterHost);
        app = new RegistryImage().with("a", 10).put(registry, "app", "1");
        new RegistryImage().with("a", 10).with("b", 10).put(registry, "app", "2");
    }

    @AfterAll
    static void stop() {
        if (engine != null) {
            registry.close();
            engine.close();
        }
    }

    @AfterEach
    void removeImages() {
        String images = docker("images", "-q", "--no-trunc", "--filter", "reference=127.0.0.1:*/*").succeeded();
        images.lines().distinct().forEach(image -> docker("rmi", "-f", image).succeeded());
    }

    private static Commands.Result docker(String... arguments) {
        return engine.docker().run(arguments);
    }

    private static String name(String rest) {
        return registry.address() + "/app" + rest;
    }

    @Test
    void aMissingImageIsPulledAndRun() {
        Commands.Result run = docker("run", "--rm", name(":1"), "echo", "hello");
        assertEquals("hello\n", run.succeeded());
        List<String> told = run.err().lines().toList();
        assertEquals(List.of("Unable to find image '" + name(":1") + "' locally", "1: Pulling from app"), told.subList(0, 2));
        assertEquals(List.of("Digest: " + app, "Status: Downloaded newer image for " + name(":1")), told.subList(told.size() - 2, told.size()));
        // An engine that is not ours may have had a layer before.
        assertEquals(2, told.stream().filter(line -> line.endsWith(": Pull complete") || engine.isReference() && line.endsWith(": Already exists")).count());
    }

    @Test
    void whatIsHereIsSaidToBeUpToDateAndWhatItShares() {
        docker("pull", name(":1")).succeeded();
        assertEquals("1: Pulling from app\nDigest: " + app + "\nStatus: Image is up to date for " + name(":1") + "\n" + name(":1") + "\n",
                docker("pull", name(":1")).succeeded());
        String second = docker("pull", name(":2")).succeeded();
        assertEquals(2, second.lines().filter(line -> line.endsWith(": Already exists")).count(), second);
        assertEquals(1, second.lines().filter(line -> line.endsWith(": Pull complete")).count(), second);
    }

    @Test
    void whatIsHereCostsOneRequest() throws IOException {
        engine.requireBerth("the reference asks more often");
        try (TestRegistry own = TestRegistry.start(engine.scratch(), Options.PLAIN, engine::enterHost)) {
            OciLayoutFixture layout = OciLayoutFixture.write(Files.createTempDirectory(engine.scratch(), "layout"), List.of(OciLayoutFixture.here(), "s390x"));
            layout.put(own, "app", "1");
            String name = own.address() + "/app";
            docker("pull", name + ":1").succeeded();
            assertEquals(List.of("HEAD /v2/app/manifests/1"), askedBy(own, "pull", name + ":1"));
            String digest = "@" + layout.digest();
            assertEquals(List.of("HEAD /v2/app/manifests/" + layout.digest()), askedBy(own, "pull", name + digest));
            docker("tag", name + ":1", "kept").succeeded();
            docker("rmi", name + ":1").succeeded();
            assertEquals(List.of("HEAD /v2/app/manifests/1"), askedBy(own, "run", "--rm", "--network", "none", name + ":1", "true"));
        }
    }

    /** The requests of a command. A registry writes one down when it has answered it, so those of the command are there when a later one is. */
    private static List<String> askedBy(TestRegistry asked, String... command) {
        int before = requests(asked).size();
        docker(command).succeeded();
        String later = LATER + before + "/";
        engine.get("/distribution/" + asked.address() + later.replaceFirst("/$", ":1/json"));
        Await.until("the later request", PATIENCE, () -> asked.requests().stream().anyMatch(request -> request.contains(later)), engine::log);
        return requests(asked).subList(before, requests(asked).size());
    }

    private static List<String> requests(TestRegistry asked) {
        return asked.requests().stream().filter(request -> !request.contains(LATER)).toList();
    }

    @Test
    void allTagsComeWithOneStatus() {
        String told = docker("pull", "-a", name("")).succeeded();
        assertEquals(2, told.lines().filter(line -> line.endsWith(": Pulling from app")).count(), told);
        assertEquals(List.of("Status: Downloaded newer image for " + name("")), told.lines().filter(line -> line.startsWith("Status")).toList());
        assertEquals(2, docker("images", "-q", name("")).succeeded().lines().count());
    }

    @Test
    void anImageIsKnownByWhatTheRegistryServed() {
        docker("pull", name(":1")).succeeded();
        assertEquals("[" + name("@" + app) + "] [" + name(":1") + "]\n",
                docker("inspect", "-f", "{{.RepoDigests}} {{.RepoTags}}", name("@" + app)).succeeded());
        docker("rmi", "-f", name(":1")).succeeded();
        assertEquals(name("@" + app) + ": Pulling from app", docker("pull", name("@" + app)).succeeded().lines().findFirst().orElseThrow());
        assertEquals("ok\n", docker("run", "--rm", name("@" + app), "echo", "ok").succeeded());
    }

    @Test
    void aPullIsAnEventOfTheName() {
        String since = Long.toString(Instant.now().getEpochSecond());
        docker("pull", name(":1")).succeeded();
        String until = Long.toString(Instant.now().getEpochSecond() + 1);
        String events = docker("events", "--since", since, "--until", until, "--filter", "event=pull", "--format", "{{.Action}} {{.Actor.ID}} {{.Actor.Attributes}}").succeeded();
        assertTrue(events.lines().toList().contains("pull " + name(":1") + " map[name:" + name("") + " who:me]"), events);
    }

    @Test
    void whatCannotBePulledIsToldByStatusAndInTheReferencesWords() {
        assertAnswer(403, "'scratch' is a reserved name", "scratch");
        assertAnswer(400, "invalid reference format: repository name (library/BAD) must be lowercase", "BAD");
        assertAnswer(404, "manifest for " + name(":no") + " not found: manifest unknown: manifest unknown", name("") + "&tag=no");
        assertAnswer(404, "repository " + registry.address() + "/no not found: name unknown: repository name not known to registry", registry.address() + "/no");
        assertAnswer(500, "Get \"http://127.0.0.1:1/v2/\": dial tcp 127.0.0.1:1: connect: connection refused", "127.0.0.1:1/x&tag=1");
        assertAnswer(400, "\"xx\": unknown operating system or architecture: invalid argument", name("") + "&tag=1&platform=xx");
    }

    private static void assertAnswer(int status, String message, String query) {
        RawHttp.Answer answer = engine.request("POST", "/images/create?fromImage=" + query, "");
        assertEquals("{\"message\":\"" + message.replace("\"", "\\\"") + "\"}", answer.text().strip());
        assertEquals(status, answer.status());
    }

    @Test
    void anImageForAnotherPlatformComesWithAWarning() {
        String other = System.getProperty("os.arch").equals("amd64") ? "arm64" : "amd64";
        String told = docker("pull", "--platform", "linux/" + other, name(":1")).succeeded();
        assertTrue(told.contains("WARNING: image with reference " + name(":1") + " was found but its platform (linux/"), told);
    }

    @Test
    void aRegistryThatWantsAPasswordGetsTheOneOfTheLogin() throws IOException {
        try (TestRegistry locked = TestRegistry.start(engine.scratch(), Options.HTPASSWD, engine::enterHost)) {
            new RegistryImage().put(locked, "secret", "1");
            String image = locked.address() + "/secret:1";
            Commands.Result refused = docker("pull", image);
            assertNotEquals(0, refused.code());
            assertTrue(refused.err().contains("no basic auth credentials"), refused.err());
            engine.docker().runWithInput(TestRegistry.PASSWORD.getBytes(StandardCharsets.UTF_8), "login", "-u", TestRegistry.USER, "--password-stdin",
                    locked.address()).succeeded();
            assertEquals("in\n", docker("run", "--rm", image, "echo", "in").succeeded());
        }
    }

    @Test
    void aRegistryBehindTlsIsPulledFrom() throws IOException {
        TestAuthority authority = TestAuthority.make(Files.createTempDirectory(engine.scratch(), "ca"));
        try (TestRegistry tls = TestRegistry.start(engine.scratch(), Options.tls(authority.server("tls", "IP:127.0.0.1")), engine::enterHost)) {
            new RegistryImage().put(tls, "app", "1");
            assertEquals("in\n", docker("run", "--rm", tls.address() + "/app:1", "echo", "in").succeeded());
        }
    }

    @Test
    void twentyClientsPullOverlappingImagesAtOnce() throws Exception {
        for (int i = 0; i < 10; i++) {
            new RegistryImage().with("shared", 3 << 20).with("own" + i, 1 << 20).put(registry, "many", "t" + i);
        }
        List<Future<Commands.Result>> coming = new ArrayList<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(20)) {
            for (int i = 0; i < 20; i++) {
                String image = registry.address() + "/many:t" + i % 10;
                coming.add(clients.submit(() -> docker("pull", image)));
            }
        }
        for (Future<Commands.Result> pull : coming) {
            pull.get().succeeded();
        }
        assertEquals(10, docker("images", "-q", registry.address() + "/many").succeeded().lines().count());
        assertEquals("1048576\n", docker("run", "--rm", registry.address() + "/many:t7", "stat", "-c", "%s", "/own7").succeeded());
    }

    /** Sixty-four MiB take longer than it takes to see that they have begun to come. */
    @Test
    void aClientThatLeavesEndsItsPullAndNothingIsLeftOfIt() throws Exception {
        engine.requireBerth("looks into its data root");
        new RegistryImage().with("large", 64 << 20).put(registry, "large", "1");
        Process client = engine.docker().start("pull", registry.address() + "/large:1");
        Path ingest = engine.dataRoot().resolve("ingest");
        Await.until("the layer to be on its way", PATIENCE, () -> bytes(ingest) > 4 << 20, engine::log);
        client.destroyForcibly().waitFor();
        Await.until("nothing to be left", PATIENCE, () -> bytes(ingest) == 0 && bytes(engine.dataRoot().resolve("blobs/sha256")) == 0
                && bytes(engine.dataRoot().resolve("layers")) == 0, engine::log);
        assertEquals("", docker("images", "-q").succeeded());
        assertEquals("67108864\n", docker("run", "--rm", registry.address() + "/large:1", "stat", "-c", "%s", "/large").succeeded());
    }

    private static long bytes(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.mapToLong(file -> Files.isRegularFile(file) ? file.toFile().length() : 0).sum();
        } catch (IOException | java.io.UncheckedIOException goesAway) {
            return -1;
        }
    }
}
