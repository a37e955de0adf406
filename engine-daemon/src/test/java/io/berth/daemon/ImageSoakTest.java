package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.store.registry.TestRegistry;
import io.berth.store.registry.TestRegistry.Options;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Some seconds of {@link ImageSoak}; longer with {@code -Dberth.image-soak.seconds}, once more with {@code -Dberth.image-soak.seed}. */
@Timeout(3600)
class ImageSoakTest extends ImageTest {

    private static final int CLIENTS = 20;
    private static final int SECONDS = Integer.getInteger("berth.image-soak.seconds", 20);
    private static final long SEED = Long.getLong("berth.image-soak.seed", System.nanoTime());

    @Test
    void clientsThatShareImagesGetNoWrongAnswerAndLeaveNothing() throws InterruptedException, IOException {
        assumeTrue(TestRegistry.program().isPresent(), "there is no docker-registry: ./dev test unpacks Debian's");
        List<String> before = engine.isReference() ? List.of() : stored();
        ImageSoak soak;
        try (TestRegistry registry = TestRegistry.start(engine.scratch(), Options.PLAIN, engine::enterHost)) {
            soak = new ImageSoak(engine, registry, RUN, SEED);
            soak.run(CLIENTS, Duration.ofSeconds(SECONDS));
        }
        System.out.printf("images: %d clients, %d s, seed %d, %s%n", CLIENTS, SECONDS, SEED, soak.made());
        removeImages();
        removeImages(); // those that were parents
        assertEquals("", docker("images", "-aq", "--filter", "label=" + RUN).succeeded());
        if (!engine.isReference()) {
            Await.until("nothing to be left", PATIENCE, () -> stored().equals(before), () -> "instead of " + before + " there is " + stored());
            assertEquals("hello", inside("echo hello"));
        }
    }

    /** Every blob, layer, and what is on its way in or out. */
    private static List<String> stored() {
        return Commands.run("sh", "-c", "cd " + engine.dataRoot() + " && ls -d blobs/sha256/* layers/* ingest/* 2>/dev/null").out().lines().sorted().toList();
    }
}
