package io.berth.store.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.store.ImageStore;
import io.berth.store.content.Digest;
import io.berth.store.layer.TarFixture;
import io.berth.store.layer.TemporaryDirectory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On a file system of 4 MiB of its own. Needs root. */
class FullDiskTest {

    private static final LoadProgress SILENT = new LoadProgress() {
        @Override
        public void line(String line) {
            // Nobody reads it.
        }

        @Override
        public void layer(Digest diffId, long current, long total) {
            // Nobody reads it.
        }
    };

    private final TemporaryDirectory temporary = new TemporaryDirectory();
    private final Path disk = temporary.path().resolve("disk");

    @BeforeEach
    void mount() throws Exception {
        Files.createDirectory(disk);
        run("mount", "-t", "tmpfs", "-o", "size=4m", "berth-test", disk.toString());
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", disk.toString());
        temporary.close();
    }

    private static void run(String... command) throws Exception {
        assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor(), String.join(" ", command));
    }

    /** The first does not fit as a blob; the second does, but not a second time as files. */
    @ParameterizedTest
    @ValueSource(ints = {6_000_000, 2_500_000})
    void anImageThatDoesNotFitLeavesNothingAndTheNextOneFits(int size) throws IOException {
        byte[] large = ArchiveFixture.plain(new TarFixture().file("large", new byte[size]).bytes()).docker("large:1").bytes();
        byte[] small = ArchiveFixture.plain(new TarFixture().file("small", "x").bytes()).docker("small:1").bytes();
        try (ImageStore store = ImageStore.open(disk, temporary.kernel(), image -> List.of(), (action, image, name, labels) -> { })) {
            RuntimeException full = assertThrows(RuntimeException.class,
                    () -> store.archives().load(new ByteArrayInputStream(large), List.of(), SILENT));
            assertTrue(full.getMessage().toLowerCase(Locale.ROOT).contains("no space left on device"), full.getMessage());
            for (String directory : List.of("ingest", "blobs/sha256", "layers")) {
                try (Stream<Path> left = Files.list(disk.resolve(directory))) {
                    assertEquals(List.of(), left.toList());
                }
            }
            assertEquals(1, store.archives().load(new ByteArrayInputStream(small), List.of(), SILENT).size());
        }
    }
}
