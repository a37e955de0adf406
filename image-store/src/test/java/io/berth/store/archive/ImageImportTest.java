package io.berth.store.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.github.luben.zstd.Zstd;
import io.berth.store.ImageStore;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageConfig;
import io.berth.store.image.ImageReference;
import io.berth.store.image.StoredImage;
import io.berth.store.layer.TarFixture;
import io.berth.store.layer.TemporaryDirectory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ImageImportTest {

    private static final byte[] TAR = new TarFixture().file("etc/motd", "hello").bytes();

    private final TemporaryDirectory temporary = new TemporaryDirectory();
    private final ImageStore store = ImageStore.open(temporary.path(), temporary.kernel(), image -> List.of(),
            (action, image, name, labels) -> { });

    @AfterEach
    void remove() {
        store.close();
        temporary.close();
    }

    private StoredImage load(byte[] tar, String config) throws IOException {
        return store.imports().load(new ByteArrayInputStream(tar), new ImageImport.Request("-",
                Optional.of(ImageReference.parse("imported")), config.getBytes(), "", "linux", "amd64", "", "28.5.2"));
    }

    @Test
    void aFileSystemBecomesAnImage() throws IOException {
        for (byte[] tar : List.of(TAR, TarFixture.gzip(TAR), TarFixture.xz(TAR), Zstd.compress(TAR))) {
            StoredImage image = load(tar, "{}");
            assertEquals(image, store.images().resolve("imported:latest"));
            assertEquals("hello", Files.readString(store.lowerDirectories(image).getFirst().resolve("etc/motd")));
            ImageConfig config = store.images().config(image.id());
            assertEquals("Imported from -", config.comment());
            assertEquals(image.diffIds(), config.diffIds());
            assertEquals(1, config.history().size());
        }
    }

    @Test
    void theConfigurationIsTheImages() throws IOException {
        StoredImage image = load(TAR, "{\"Cmd\":[\"sh\"],\"Env\":[\"A=1\"]}");
        assertEquals(List.of("sh"), store.images().config(image.id()).process().command());
        assertEquals(List.of("A=1"), store.images().config(image.id()).process().environment());
    }

    @Test
    void whatIsNoTarIsRefusedAndLeavesNothing() {
        StoreException refused = assertThrows(StoreException.class, () -> load("not a tar".repeat(200).getBytes(), "{}"));
        assertEquals("archive/tar: invalid tar header", refused.getMessage());
        assertEquals(List.of(), store.blobs().list());
    }
}
