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
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageImportTest {

    private static final byte[] TAR = new TarFixture().file("etc/motd", "hello").bytes();

    private final TemporaryDirectory temporary = new TemporaryDirectory();
    private final ImageStore store = ImageStore.open(temporary.path(), temporary.kernel(), image -> List.of(),
            (action, image, name) -> { });

    @AfterEach
    void remove() {
        store.close();
        temporary.close();
    }

    private StoredImage load(byte[] tar, String... changes) throws IOException {
        return store.imports().load(new ByteArrayInputStream(tar), new ImageImport.Request(
                Optional.of(ImageReference.parse("imported")), List.of(changes), "", "linux", "amd64", "", "28.5.2"));
    }

    @Test
    void aFileSystemBecomesAnImage() throws IOException {
        for (byte[] tar : List.of(TAR, TarFixture.gzip(TAR), TarFixture.xz(TAR), Zstd.compress(TAR))) {
            StoredImage image = load(tar);
            assertEquals(image, store.images().resolve("imported:latest"));
            assertEquals("hello", Files.readString(store.lowerDirectories(image).getFirst().resolve("etc/motd")));
            ImageConfig config = store.images().config(image.id());
            assertEquals("Imported from -", config.comment());
            assertEquals(image.diffIds(), config.diffIds());
            assertEquals(1, config.history().size());
        }
    }

    @Test
    void changesAreTakenFromLinesOfADockerfile() throws IOException {
        StoredImage image = load(TAR, "CMD [\"sh\", \"-c\", \"x\"]", "entrypoint /bin/x -v", "ENV A=1 B=\"two words\"", "ENV A=3",
                "ENV old the rest", "EXPOSE 80 53/udp 8000-8001", "LABEL a.b=\"c d\" e=f", "USER 1000:1000", "VOLUME [\"/data\"]",
                "VOLUME /x /y", "WORKDIR /a", "WORKDIR b", "STOPSIGNAL SIGINT");
        ImageConfig.Process process = store.images().config(image.id()).process();
        assertEquals(List.of("sh", "-c", "x"), process.command());
        assertEquals(List.of("/bin/sh", "-c", "/bin/x -v"), process.entrypoint());
        assertEquals(List.of("A=3", "B=two words", "old=the rest"), process.environment());
        assertEquals(Set.of("80/tcp", "53/udp", "8000/tcp", "8001/tcp"), process.exposedPorts());
        assertEquals(Map.of("a.b", "c d", "e", "f"), process.labels());
        assertEquals("1000:1000", process.user());
        assertEquals(Set.of("/data", "/x", "/y"), process.volumes());
        assertEquals("/a/b", process.workingDirectory());
        assertEquals("SIGINT", process.stopSignal());
    }

    @ParameterizedTest
    @CsvSource({"RUN x, RUN is not a valid change command", "NONSENSE x, NONSENSE is not a valid change command",
        "USER, USER requires at least one argument", "EXPOSE 99999, invalid containerPort: 99999", "ENV A, ENV must have two arguments"})
    void changesThatMakeNoSenseAreRefused(String change, String message) {
        StoreException refused = assertThrows(StoreException.class, () -> load(TAR, change));
        assertEquals(message, refused.getMessage());
        assertEquals(List.of(), store.images().list());
    }

    @Test
    void whatIsNoTarIsRefusedAndLeavesNothing() {
        StoreException refused = assertThrows(StoreException.class, () -> load("not a tar".repeat(200).getBytes()));
        assertEquals("archive/tar: invalid tar header", refused.getMessage());
        assertEquals(List.of(), store.blobs().list());
    }
}
