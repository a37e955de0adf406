package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.store.registry.TestRegistry;
import io.berth.store.registry.TestRegistry.Options;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The docker CLI pushes to a real registry, and others read what is there. */
@Tag("engine")
@Timeout(180)
class ImagePushTest {

    private static final Pattern SERVED = Pattern.compile("1: digest: (sha256:[0-9a-f]{64}) size: [0-9]+");

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

    private static String docker(String... arguments) {
        return engine.docker().run(arguments).succeeded();
    }

    private static String imported(String repository) {
        String name = plain.address() + '/' + repository + ":1";
        engine.docker().runWithInput(TestImage.rootFileSystem(), "import", "-c", "CMD [\"sh\"]", "-", name).succeeded();
        return name;
    }

    /** Pushes, and returns the digest that the registry gave. */
    private static String push(String name) {
        String lines = docker("push", name);
        Matcher served = SERVED.matcher(lines);
        assertTrue(served.find(), lines);
        return served.group(1);
    }

    private static String shortDiffId(String name) {
        String diffIds = docker("image", "inspect", "-f", "{{json .RootFS.Layers}}", name);
        return diffIds.substring(diffIds.lastIndexOf("sha256:") + 7).substring(0, 12);
    }

    @Test
    void whatIsImportedIsPushedAndComesBackToAnEmptyStoreAndRuns() throws IOException {
        try (TestRegistry own = TestRegistry.start(engine.scratch(), Options.PLAIN, engine::enterHost)) {
            pushAndPull(own.address(), imported("flow/app"));
        }
    }

    private static void pushAndPull(String registry, String source) {
        String name = registry + "/flow/app:1";
        docker("tag", source, name);
        String lines = docker("push", name);
        Matcher served = SERVED.matcher(lines);
        assertTrue(served.find(), lines);
        String layer = shortDiffId(name);
        assertEquals(List.of("The push refers to repository [" + registry + "/flow/app]", layer + ": Preparing", layer + ": Pushed", served.group()),
                lines.strip().lines().toList());
        String id = docker("images", "-q", "--no-trunc", name);
        assertEquals("[\"" + registry + "/flow/app@" + served.group(1) + "\"]\n", docker("image", "inspect", "-f", "{{json .RepoDigests}}", name));
        docker("rmi", "-f", id.strip());
        assertNotEquals(0, engine.docker().run("image", "inspect", name).code());
        assertTrue(docker("pull", name).contains("Digest: " + served.group(1)));
        assertEquals(id, docker("images", "-q", "--no-trunc", name));
        assertEquals("pushed\n", docker("run", "--rm", "--network", "none", name, "echo", "pushed"));
    }

    @Test
    void ofACommitOnlyItsOwnLayerIsSentAndNothingTheSecondTime() {
        String base = imported("twice/base");
        push(base);
        docker("run", "--network", "none", "--name", "push-commit", base, "sh", "-c", "echo more > /more");
        String name = plain.address() + "/twice/base:2";
        docker("commit", "push-commit", name);
        docker("rm", "push-commit");
        List<String> first = docker("push", name).lines().toList();
        assertTrue(first.contains(shortDiffId(base) + ": Layer already exists") && first.contains(shortDiffId(name) + ": Pushed"), first.toString());
        List<String> second = docker("push", name).lines().toList();
        assertEquals(2, second.stream().filter(line -> line.endsWith(": Layer already exists")).count(), second.toString());
        assertFalse(second.stream().anyMatch(line -> line.endsWith(": Pushed")), second.toString());
        assertEquals(first.getLast(), second.getLast());
    }

    @Test
    void aSecondRepositoryOfTheRegistryGetsTheLayersWithoutASingleByte() {
        String name = imported("mount/source");
        String digest = push(name);
        String other = plain.address() + "/mount/target:1";
        docker("tag", name, other);
        List<String> lines = docker("push", other).lines().toList();
        assertTrue(lines.contains(shortDiffId(name) + ": Mounted from mount/source"), lines.toString());
        assertTrue(lines.getLast().startsWith("1: digest: " + digest), lines.toString());
    }

    @Test
    void withoutATagAllTagsGo() {
        String name = imported("all/app");
        docker("tag", name, plain.address() + "/all/app:2");
        List<String> lines = docker("push", "-a", plain.address() + "/all/app").lines().toList();
        assertEquals(List.of("1", "2"), lines.stream().filter(line -> line.contains(": digest: ")).map(line -> line.substring(0, 1)).toList(), lines.toString());
    }

    @Test
    void programsReadTheLinesThatTheReferenceWrites() {
        String name = imported("raw/app");
        push(name);
        String layer = shortDiffId(name);
        List<String> lines = engine.request("POST", "/images/" + plain.address() + "/raw/app/push?tag=1", "").text().strip().lines().map(String::strip).toList();
        assertEquals("{\"status\":\"The push refers to repository [" + plain.address() + "/raw/app]\"}", lines.get(0));
        assertEquals("{\"status\":\"Preparing\",\"progressDetail\":{},\"id\":\"" + layer + "\"}", lines.get(1));
        assertEquals("{\"status\":\"Layer already exists\",\"progressDetail\":{},\"id\":\"" + layer + "\"}", lines.get(2));
        assertTrue(lines.get(3).matches("\\{\"status\":\"1: digest: sha256:[0-9a-f]{64} size: [0-9]+\"}"), lines.get(3));
        assertTrue(lines.get(4).matches("\\{\"progressDetail\":\\{},\"aux\":\\{\"Tag\":\"1\",\"Digest\":\"sha256:[0-9a-f]{64}\",\"Size\":[0-9]+}}"), lines.get(4));
    }

    @Test
    void refusalsAreThoseOfTheReference() {
        String name = imported("refused/app");
        assertRefused("An image does not exist locally with the tag: " + plain.address() + "/refused/none", "push", plain.address() + "/refused/none:1");
        assertRefused("tag does not exist: " + plain.address() + "/refused/app:2", "push", plain.address() + "/refused/app:2");
        docker("tag", name, "127.0.0.1:1/refused:1");
        assertRefused("dial tcp 127.0.0.1:1: connect: connection refused", "push", "127.0.0.1:1/refused:1");
        assertRefused("image with reference " + name + " was found but its platform (linux/" + OciLayoutFixture.here()
                + ") does not match the specified platform (linux/s390x)", "push", "--platform", "linux/s390x", name);
        RawHttp.Answer digest = engine.request("POST", "/images/" + plain.address() + "/refused/app/push?tag=sha256:" + "0".repeat(64), "");
        assertEquals(400, digest.status());
        assertEquals("{\"message\":\"invalid tag format\"}", digest.text().strip());
    }

    private static void assertRefused(String message, String... arguments) {
        Commands.Result result = engine.docker().run(arguments);
        assertEquals(1, result.code(), result.out());
        assertTrue(result.err().contains(message), result.err());
    }

    @Test
    void aRegistryThatWantsToKnowWhoAsksIsTold() {
        String name = imported("login/app");
        String secret = locked.address() + "/login/app:1";
        docker("tag", name, secret);
        assertRefused("no basic auth credentials", "push", secret);
        engine.docker().runWithInput(TestRegistry.PASSWORD.getBytes(StandardCharsets.UTF_8), "login", "-u", TestRegistry.USER, "--password-stdin", locked.address())
                .succeeded();
        push(secret);
        docker("logout", locked.address());
    }

    @Test
    void aPushIsAnEventOfTheName() {
        String name = imported("event/app");
        push(name);
        String events = docker("events", "--since", "2026-01-01T00:00:00Z", "--until", Instant.now().plusSeconds(1).toString(), "--filter", "event=push", "--format", "{{.Actor.ID}} {{.Actor.Attributes}}");
        assertTrue(events.contains(name + " map[name:" + plain.address() + "/event/app]"), events);
    }

    @Test
    void skopeoReadsWhatWasPushed() {
        String name = imported("skopeo/app");
        String digest = push(name);
        assertEquals(digest, skopeo("inspect", "--tls-verify=false", "--format", "{{.Digest}}", "docker://" + name).strip());
    }

    @Test
    void whatSkopeoPushedRunsAndKeepsItsIndexUnderAnotherTagOfItsRepository() throws IOException {
        OciLayoutFixture layout = layout("index");
        String name = plain.address() + "/index/app:1";
        copy(layout, name);
        docker("pull", name);
        assertEquals("here\n", docker("run", "--rm", "--network", "none", name, "echo", "here"));
        engine.requireBerth("the reference's classic store has forgotten the index");
        String tagged = plain.address() + "/index/app:2";
        docker("tag", name, tagged);
        assertTrue(docker("push", tagged).contains("2: digest: " + layout.digest()));
    }

    @Test
    void anArchiveOfSeveralPlatformsIsPushedAsAWhole() throws IOException {
        engine.requireBerth("the reference's classic store keeps one platform alone");
        OciLayoutFixture layout = layout("whole");
        Path archive = engine.scratch().resolve("whole.tar");
        Commands.run("tar", "-C", layout.directory().toString(), "-cf", archive.toString(), ".").succeeded();
        String loaded = docker("load", "-i", archive.toString());
        String name = plain.address() + "/whole/app:1";
        docker("tag", loaded.substring(loaded.indexOf("sha256:")).strip().split("\\s")[0], name);
        assertEquals(layout.digest(), push(name));
        assertTrue(docker("push", "--platform", "linux/s390x", name).contains("1: digest: " + layout.manifest("s390x")));
    }

    @Test
    void anImageOfWhoseIndexPartsAreMissingGoesAloneAndTheCliSaysSo() throws IOException {
        OciLayoutFixture layout = layout("alone");
        String name = plain.address() + "/alone/app:1";
        copy(layout, name);
        docker("pull", name);
        engine.requireBerth("the reference's classic store has forgotten the index");
        docker("tag", name, plain.address() + "/elsewhere/app:1");
        String lines = docker("push", plain.address() + "/elsewhere/app:1");
        assertTrue(lines.contains("Not all multiplatform-content is present and only the available single-platform image was pushed")
                && lines.contains(layout.digest()), lines);
        assertFalse(lines.contains("1: digest: " + layout.digest()), lines);
    }

    private static OciLayoutFixture layout(String name) throws IOException {
        return OciLayoutFixture.write(Files.createDirectory(engine.scratch().resolve("layout-" + name)), List.of(OciLayoutFixture.here(), "s390x"));
    }

    private static void copy(OciLayoutFixture layout, String name) {
        skopeo("copy", "--all", "--preserve-digests", "--dest-tls-verify=false", "oci:" + layout.directory(), "docker://" + name);
    }

    private static String skopeo(String... arguments) {
        assumeTrue(Arrays.stream(System.getenv("PATH").split(":")).anyMatch(directory -> Files.isExecutable(Path.of(directory, "skopeo"))),
                "there is no skopeo: ./dev test installs Debian's");
        List<String> command = new ArrayList<>(List.of("skopeo", "--insecure-policy"));
        command.addAll(List.of(arguments));
        return engine.onHost(command.toArray(String[]::new)).succeeded();
    }
}
