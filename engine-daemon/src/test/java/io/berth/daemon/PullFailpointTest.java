package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.daemon.failpoint.Failpoint;
import io.berth.store.registry.TestRegistry;
import io.berth.store.registry.TestRegistry.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The daemon is killed between two steps of a pull: the image is there as a whole, or nothing of it. */
@Tag("engine")
@Timeout(120)
class PullFailpointTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private EngineUnderTest engine;
    private TestRegistry registry;

    @BeforeEach
    void start() throws IOException {
        assumeTrue(TestRegistry.program().isPresent(), "there is no docker-registry: ./dev test unpacks Debian's");
        engine = EngineUnderTest.start();
        engine.requireBerth("kills the daemon");
        registry = TestRegistry.start(engine.scratch(), Options.PLAIN, engine::enterHost);
        new RegistryImage().with("a", 100_000).with("b", 200_000).put(registry, "app", "1");
    }

    @AfterEach
    void stop() {
        if (registry != null) {
            registry.close();
        }
        if (engine != null) {
            engine.close();
        }
    }

    @ParameterizedTest
    @EnumSource(value = Failpoint.class, names = {"PULL_BEGUN", "PULL_LAYER_ARRIVED", "PULL_ARRIVED", "PULL_RECORDED"})
    void anImageIsThereAsAWholeOrNotAtAll(Failpoint point) throws Exception {
        String image = registry.address() + "/app:1";
        Path reached = Files.createTempDirectory(engine.scratch(), "point").resolve("reached");
        engine.stop();
        engine.startDaemon("-Dberth.failpoint=" + point + " -Dberth.failpoint.reached=" + reached);
        Process client = engine.docker().start("pull", image);
        Await.until(point.toString(), PATIENCE, () -> Files.exists(reached), engine::log);
        engine.kill();
        client.waitFor();
        engine.startDaemon();
        boolean recorded = point == Failpoint.PULL_RECORDED;
        assertEquals(recorded ? image + "\n" : "", engine.docker().run("images", "--format", "{{.Repository}}:{{.Tag}}").succeeded());
        if (!recorded) {
            Await.until("what had come to be gone", PATIENCE, () -> isEmpty("blobs/sha256") && isEmpty("layers") && isEmpty("ingest"), engine::log);
        }
        assertEquals((recorded ? "Status: Image is up to date for " : "Status: Downloaded newer image for ") + image,
                engine.docker().run("pull", image).succeeded().lines().filter(line -> line.startsWith("Status")).findFirst().orElseThrow());
        assertEquals("200000\n", engine.docker().run("run", "--rm", image, "stat", "-c", "%s", "/b").succeeded());
    }

    private boolean isEmpty(String directory) {
        try (Stream<Path> entries = Files.list(engine.dataRoot().resolve(directory))) {
            return entries.findAny().isEmpty();
        } catch (IOException failure) {
            return false;
        }
    }
}
