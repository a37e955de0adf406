package io.berth.store.durable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DiskFilesTest {

    private static final int ROUNDS = 5_000;

    private final DiskFiles files = new DiskFiles();
    @TempDir
    private Path directory;

    private void write(Path path) {
        try (DurableFiles.OpenFile file = files.create(path)) {
            file.write(0, ByteBuffer.wrap(new byte[] {1}));
        }
    }

    @Test
    void whatIsFoundCanBeRead() {
        Path path = directory.resolve("f");
        assertEquals(Optional.empty(), files.read(path));
        write(path);
        assertEquals(1, files.read(path).orElseThrow()[0]);
    }

    @Test
    void aFileThatIsRemovedWhileItIsLookedForIsNotMadeAnew() throws InterruptedException {
        Path path = directory.resolve("f");
        for (int i = 0; i < ROUNDS; i++) {
            write(path);
            Thread remover = Thread.ofPlatform().start(() -> files.delete(path));
            Optional<DurableFiles.OpenFile> found = files.find(path);
            remover.join();
            assertFalse(files.exists(path), "it is back in round " + i);
            found.ifPresent(file -> {
                assertTrue(file.size() == 1);
                file.close();
            });
        }
    }
}
