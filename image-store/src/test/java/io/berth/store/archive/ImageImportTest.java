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
            (action, image, name, labels) -> { });

    @AfterEach
    void remove() {
        store.close();
        temporary.close();
    }

    private StoredImage load(byte[] tar, String... changes) throws IOException {
        return store.imports().load(new ByteArrayInputStream(tar), new ImageImport.Request("-",
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
        "'ENV A=1\nNONSENSE x', NONSENSE is not a valid change command", "'', file with no instructions", "' # remark', file with no instructions",
        "USER, USER requires exactly one argument", "EXPOSE 99999, Invalid containerPort: 99999", "EXPOSE 80/q, Invalid proto: q",
        "ENV A, ENV must have two arguments", "ENV =q, ENV names can not be blank", "'VOLUME [\"\"]', VOLUME specified can not be an empty string",
        "ONBUILD FROM x, FROM isn't allowed as an ONBUILD trigger", "ONBUILD ONBUILD RUN x, Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed",
        "'CMD [\"a\",1]', 'when using JSON array syntax, arrays must be comprised of strings only'",
        "'ENV A=\"x', 'failed to process \"\\\"x\": unexpected end of statement while looking for matching double-quote'",
        "HEALTHCHECK --interval=x CMD x, time: invalid duration \"x\"", "HEALTHCHECK --interval=1ns CMD x, Interval \"interval\" cannot be less than 1ms",
        "HEALTHCHECK --retries=-1 CMD x, --retries cannot be negative (-1)", "HEALTHCHECK --bad=1 CMD x, unknown flag: --bad",
        "HEALTHCHECK NONE x, HEALTHCHECK NONE takes no arguments"})
    void changesThatMakeNoSenseAreRefused(String change, String message) {
        StoreException refused = assertThrows(StoreException.class, () -> load(TAR, change));
        assertEquals(message, refused.getMessage());
        assertEquals(List.of(), store.images().list());
    }

    @Test
    void variablesQuotesAndContinuedLinesAreUnderstoodAsInADockerfile() throws IOException {
        StoredImage image = load(TAR, "ENV X=1\nENV A=$X B='$X' C=\"${X}0\" D=\\$X E=${Y:-none} F=${X:+some} X=2", "LABEL l=$X \\\n# remark\n  m=n", "USER $X",
                "WORKDIR /w/$X", "EXPOSE ${X}0 127.0.0.1:1:8080", "VOLUME /v$X", "CMD echo $X", "ONBUILD RUN $X", "ENTRYPOINT []");
        ImageConfig.Process process = store.images().config(image.id()).process();
        assertEquals(List.of("X=2", "A=1", "B=$X", "C=10", "D=$X", "E=none", "F=some"), process.environment());
        assertEquals(Map.of("l", "2", "m", "n"), process.labels());
        assertEquals("2", process.user());
        assertEquals("/w/2", process.workingDirectory());
        assertEquals(Set.of("20/tcp", "8080/tcp"), process.exposedPorts());
        assertEquals(Set.of("/v2"), process.volumes());
        assertEquals(List.of("/bin/sh", "-c", "echo $X"), process.command());
        assertEquals(List.of("RUN $X"), process.onBuild());
        assertEquals(List.of(), process.entrypoint());
    }

    @Test
    void whatIsNoTarIsRefusedAndLeavesNothing() {
        StoreException refused = assertThrows(StoreException.class, () -> load("not a tar".repeat(200).getBytes()));
        assertEquals("archive/tar: invalid tar header", refused.getMessage());
        assertEquals(List.of(), store.blobs().list());
    }
}
