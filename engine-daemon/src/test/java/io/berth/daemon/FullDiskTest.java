package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An engine whose data root has no room left refuses in words, keeps what it has, and goes on when there is room again. */
@Tag("engine")
@Timeout(120)
class FullDiskTest {

    private EngineUnderTest engine;

    @BeforeEach
    void startOnASmallDisk() {
        engine = EngineUnderTest.start();
        engine.requireBerth("fills the disk of its data root");
        engine.stop();
        Commands.run("mount", "-t", "tmpfs", "-o", "size=24m", "none", engine.dataRoot().toString()).succeeded();
        engine.startDaemon();
        engine.docker().runWithInput(TestImage.archive("berth-test:latest"), "load").succeeded();
    }

    @AfterEach
    void stop() {
        engine.stop();
        Commands.run("umount", engine.dataRoot().toString()).succeeded();
        engine.close();
    }

    @Test
    void loadingAnImageIsRefusedAndLeavesNothing() throws IOException {
        String images = engine.get("/v1.51/images/json").text();
        Path filling = fill();
        Commands.Result load = engine.docker().runWithInput(TestImage.rootFileSystem(), "import", "-", "second:latest");
        assertEquals(1, load.code(), load::toString);
        assertTrue(load.err().toLowerCase(java.util.Locale.ROOT).contains("no space left on device"), load::toString);
        assertEquals(images, engine.get("/v1.51/images/json").text());
        Files.delete(filling);
        engine.docker().runWithInput(TestImage.rootFileSystem(), "import", "-", "second:latest").succeeded();
    }

    @Test
    void aContainerThatWritesTooMuchFailsAloneAndTheEngineGoesOn() throws IOException {
        Commands.Result greedy = engine.docker().run("run", "--name", "greedy", "berth-test", "dd", "if=/dev/zero", "of=/file", "bs=1M");
        assertEquals(1, greedy.code(), greedy::toString);
        assertTrue(greedy.err().contains("No space left on device"), greedy::toString);
        assertEquals("greedy\n", engine.docker().run("ps", "-a", "--format", "{{.Names}}").succeeded());
        engine.docker().run("rm", "greedy").succeeded();
        Await.until("the room to come back", java.time.Duration.ofSeconds(10), () -> engine.docker().run("run", "--rm", "berth-test", "dd",
                "if=/dev/zero", "of=/file", "bs=1M", "count=2").code() == 0, engine::log);
    }

    /** Takes all the room there is. */
    private Path fill() throws IOException {
        Path file = engine.dataRoot().resolve("filling");
        Commands.run("dd", "if=/dev/zero", "of=" + file, "bs=4k");
        assertTrue(Files.size(file) > 0);
        return file;
    }
}
