package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.store.registry.TestRegistry;
import io.berth.store.registry.TestRegistry.Options;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The daemon is killed while a layer comes, when its registry has fallen silent in the middle of it. */
@Tag("engine")
@Timeout(120)
class PullCrashTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private EngineUnderTest engine;
    private TestRegistry registry;
    private StallingRelay relay;

    @BeforeEach
    void start() throws IOException {
        assumeTrue(TestRegistry.program().isPresent(), "there is no docker-registry: ./dev test unpacks Debian's");
        engine = EngineUnderTest.start();
        engine.requireBerth("kills the daemon");
        registry = TestRegistry.start(engine.scratch(), Options.PLAIN);
    }

    @AfterEach
    void stop() throws IOException {
        if (relay != null) {
            relay.close();
        }
        if (registry != null) {
            registry.close();
        }
        if (engine != null) {
            engine.close();
        }
    }

    /** The small one comes on one connection, the large one as several ranges at once. */
    @ParameterizedTest
    @ValueSource(ints = {8 << 20, 40 << 20})
    void nothingOfHalfALayerIsSeenOrLeftAndTheNextPullBringsAll(int size) throws Exception {
        new RegistryImage().with("a", 1000).with("half", size).put(registry, "app", "1");
        relay = new StallingRelay(engine.openOnHost(StallingRelay::bind), registry.address(), 3 << 20);
        String image = relay.address() + "/app:1";
        Process client = engine.docker().start("pull", image);
        Await.until("the registry to fall silent, and what has come to be on the disk", PATIENCE,
                () -> relay.stalls() && bytes("ingest") > 2 << 20, () -> bytes("ingest") + " bytes\n" + engine.log());
        engine.kill();
        client.waitFor();
        assertTrue(bytes("ingest") > 0, "there is nothing to clear away");
        engine.startDaemon();
        assertEquals("", engine.docker().run("images", "-aq").succeeded());
        Await.until("what had come to be gone", PATIENCE, () -> stored().isEmpty(), () -> stored() + engine.log());
        assertEquals("0B", engine.docker().run("system", "df", "--format", "{{.Size}}").succeeded().lines().findFirst().orElseThrow());
        String verified = engine.request("POST", "/berth/verify", "").text();
        assertTrue(verified.contains("\"Sound\":true") && !verified.contains("\"Finding\""), verified);
        relay.release();
        assertTrue(engine.docker().run("pull", image).succeeded().contains("Status: Downloaded newer image for " + image));
        assertEquals(size + "\n", engine.docker().run("run", "--rm", "--network", "none", image, "stat", "-c", "%s", "/half").succeeded());
    }

    /** What there is of blobs, layers, and what is on its way. */
    private List<String> stored() {
        return Stream.of("blobs/sha256", "layers", "ingest").flatMap(directory -> files(directory).map(file -> directory + '/' + file.getFileName())).toList();
    }

    private Stream<Path> files(String directory) {
        try (Stream<Path> files = Files.list(engine.dataRoot().resolve(directory))) {
            return files.toList().stream();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private long bytes(String directory) {
        return files(directory).mapToLong(file -> file.toFile().length()).sum();
    }
}
