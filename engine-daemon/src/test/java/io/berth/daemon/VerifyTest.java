package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.store.registry.TestRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code berthd verify} and the same over the API, on a store that somebody harms. */
@Tag("engine")
@Timeout(120)
class VerifyTest {

    private EngineUnderTest engine;

    @BeforeEach
    void loadAnImage() {
        engine = EngineUnderTest.start();
        engine.requireBerth("the reference engine has no verify");
        engine.docker().runWithInput(TestImage.archive("berth-test:latest"), "load").succeeded();
    }

    @AfterEach
    void stop() {
        engine.close();
    }

    private Commands.Result verify(String... flags) {
        List<String> command = new ArrayList<>(List.of(EngineUnderTest.program(), "verify", "--data-root", engine.dataRoot().toString(),
                "--config-file", engine.scratch().resolve("daemon.json").toString()));
        command.addAll(List.of(flags));
        return Commands.run(command.toArray(String[]::new));
    }

    private List<String> overTheApi(String query) {
        RawHttp.Answer answer = engine.request("POST", "/berth/verify" + query, "");
        assertEquals(200, answer.status());
        return answer.text().lines().toList();
    }

    private Path layer() throws IOException {
        try (Stream<Path> layers = Files.list(engine.dataRoot().resolve("layers"))) {
            return layers.filter(path -> path.getFileName().toString().length() == 24).findFirst().orElseThrow();
        }
    }

    private Path largestBlob() throws IOException {
        try (Stream<Path> blobs = Files.list(engine.dataRoot().resolve("blobs/sha256"))) {
            return blobs.max(Comparator.comparingLong(path -> path.toFile().length())).orElseThrow();
        }
    }

    @Test
    void aCleanStoreIsSaidToBeCleanByBothWays() {
        List<String> lines = overTheApi("?deep=1");
        assertTrue(lines.getLast().startsWith("{\"Summary\":{\"Images\":1,\"Blobs\":2,"), lines::toString);
        assertTrue(lines.getLast().endsWith("\"Damage\":0,\"Mended\":0,\"Unreadable\":0,\"Reclaimable\":0,\"Sound\":true}}"), lines::toString);
        assertEquals(1, lines.size(), lines::toString);
        engine.stop();
        Commands.Result clean = verify("--deep");
        assertTrue(clean.succeeded().endsWith("1 layers: no damage\n"), clean::toString);
    }

    @Test
    void aDaemonThatRunsIsToBeAskedOverTheApi() {
        Commands.Result refused = verify();
        assertEquals(2, refused.code(), refused::toString);
        assertTrue(refused.err().contains("another berthd is using"), refused::toString);
        assertTrue(refused.err().contains("POST /berth/verify"), refused::toString);
    }

    @Test
    void aDirectoryThatIsNotThereIsNotMade() {
        engine.stop();
        Path nowhere = engine.scratch().resolve("nowhere");
        Commands.Result refused = Commands.run(EngineUnderTest.program(), "verify", "--data-root", nowhere.toString(), "--config-file",
                engine.scratch().resolve("daemon.json").toString());
        assertEquals(2, refused.code(), refused::toString);
        assertFalse(Files.exists(nowhere));
    }

    @Test
    void aFileOfALayerThatWasChangedIsNamedAndRepairedWhileAContainerRuns() throws IOException {
        engine.docker().run("run", "-d", "--name", "old", "berth-test", "sleep", "1000").succeeded();
        Files.writeString(layer().resolve("fs/etc/group"), "harm\n");
        List<String> found = overTheApi("?deep=1");
        assertTrue(found.getFirst().contains("image berth-test:latest"), found::toString);
        assertTrue(found.getFirst().contains("\"File\":\"/etc/group\""), found::toString);
        assertTrue(found.getLast().contains("\"Sound\":false"), found::toString);
        List<String> mended = overTheApi("?deep=1&repair=1");
        assertTrue(mended.getFirst().contains("\"Mended\":true"), mended::toString);
        assertTrue(mended.getLast().contains("\"Sound\":true"), mended::toString);
        assertEquals("harm\n", engine.docker().run("exec", "old", "cat", "/etc/group").succeeded());
        assertEquals("root:x:0:\nuser:x:1000:\n", engine.docker().run("run", "--rm", "berth-test", "cat", "/etc/group").succeeded());
        engine.docker().run("rm", "-f", "old").succeeded();
    }

    @Test
    void aDamagedBlobOfNoRegistryIsDamageThatStaysAndIsNamed() throws IOException {
        engine.stop();
        Path blob = largestBlob();
        Files.write(blob, new byte[1000]);
        Commands.Result found = verify("--repair");
        assertEquals(1, found.code(), found::toString);
        assertTrue(found.out().contains("damage: image berth-test:latest ("), found::toString);
        assertTrue(found.out().contains("no registry is known that has it"), found::toString);
        engine.startDaemon();
        engine.docker().run("image", "inspect", "berth-test").succeeded();
    }

    @Test
    void aDamagedBlobIsFetchedAgainFromTheRegistryTheImageCameFrom() throws IOException {
        assumeTrue(TestRegistry.program().isPresent(), "there is no docker-registry: ./dev test unpacks Debian's");
        SmallImage image = new SmallImage("pulled\n");
        try (TestRegistry registry = TestRegistry.start(engine.scratch(), TestRegistry.Options.PLAIN, engine::enterHost)) {
            image.putInto(registryData(), "app", "1");
            String name = registry.address() + "/app:1";
            engine.docker().run("pull", "-q", name).succeeded();
            engine.docker().run("rmi", "berth-test").succeeded();
            Files.write(largestCompressedBlob(), new byte[1000]);
            Files.delete(engine.dataRoot().resolve("blobs/sha256/" + image.id().substring("sha256:".length())));
            List<String> found = overTheApi("");
            assertEquals(3, found.size(), found::toString);
            assertTrue(found.getLast().contains("\"Damage\":2,\"Mended\":0"), found::toString);
            List<String> mended = overTheApi("?repair=1");
            assertTrue(mended.getFirst().contains("fetched again from " + registry.address() + "/app"), mended::toString);
            assertTrue(mended.getLast().contains("\"Damage\":2,\"Mended\":2"), mended::toString);
            assertEquals(1, overTheApi("?deep=1").size());
            assertEquals("pulled\n", engine.docker().run("run", "--rm", name).succeeded());
        }
    }

    private Path largestCompressedBlob() throws IOException {
        try (Stream<Path> blobs = Files.list(engine.dataRoot().resolve("blobs/sha256"))) {
            return blobs.filter(VerifyTest::isGzip).max(Comparator.comparingLong(path -> path.toFile().length())).orElseThrow();
        }
    }

    private static boolean isGzip(Path file) {
        try {
            byte[] content = Files.readAllBytes(file);
            return content.length > 2 && content[0] == 0x1f && content[1] == (byte) 0x8b;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private Path registryData() throws IOException {
        try (Stream<Path> directories = Files.list(engine.scratch())) {
            return directories.filter(path -> path.getFileName().toString().startsWith("registry-")).findFirst().orElseThrow().resolve("data");
        }
    }

    @Test
    void aLayerThatVanishedUnderTheDaemonIsMadeAgainByTheNextContainer() throws IOException {
        engine.docker().run("run", "--rm", "berth-test", "true").succeeded();
        Files.move(layer(), engine.scratch().resolve("gone"));
        assertEquals("hello\n", engine.docker().run("run", "--rm", "berth-test", "echo", "hello").succeeded());
        assertTrue(engine.log().contains("it is unpacked again from its blob"), engine::log);
    }

    @Test
    void anImageWhoseBlobAndLayerAreGoneIsNamedAtTheStartAndByTheContainer() throws IOException {
        engine.stop();
        Files.move(layer(), engine.scratch().resolve("gone"));
        Files.delete(largestBlob());
        engine.startDaemon();
        Await.until("the missing blob to be named", Duration.ofSeconds(10),
                () -> engine.log().contains("image berth-test:latest (") && engine.log().contains("the layer's content is missing"), engine::log);
        Commands.Result run = engine.docker().run("run", "--rm", "berth-test", "true");
        assertEquals(125, run.code(), run::toString);
        assertTrue(run.err().contains("image berth-test:latest"), run::toString);
        assertTrue(run.err().contains("berthd verify --repair"), run::toString);
        engine.docker().run("rmi", "-f", "berth-test").succeeded();
    }
}
