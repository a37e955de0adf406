package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Images at the edge of what people make: many layers, and many files in one. */
class LargeImagesTest extends ImageTest {

    private static final int LAYERS = 120;
    private static final int FILES = Integer.getInteger("berth.large-images.files", 200_000);
    private static final int FILES_A_DIRECTORY = 100;

    private static <T> T timed(String what, Supplier<T> work) {
        long begin = System.nanoTime();
        T result = work.get();
        System.out.printf("%s: %d ms%n", what, Duration.ofNanos(System.nanoTime() - begin).toMillis());
        return result;
    }

    @Test
    void anImageOfManyLayersIsLikeAnyOther() {
        ImageArchive image = archive("large-layers:1").layer(TestImage.rootFileSystem());
        IntStream.range(1, LAYERS).forEach(i -> image.file("numbers/" + i, (i + "\n").getBytes(StandardCharsets.UTF_8)));
        timed("load of " + LAYERS + " layers", () -> load(image));
        String numbers = IntStream.range(1, LAYERS).mapToObj(String::valueOf).collect(Collectors.joining("\n"));
        assertEquals(numbers, timed("run", () -> run("--rm", "large-layers:1", "sh", "-c", "cat /numbers/* | sort -n")).succeeded().strip());
        assertEquals(LAYERS, timed("inspect", () -> answer(200, "GET", "/v1.51/images/large-layers:1/json")).at("/RootFS/Layers").size());
        assertEquals(LAYERS, timed("history", () -> answer(200, "GET", "/v1.51/images/large-layers:1/history")).size());
        timed("df", () -> answer(200, "GET", "/v1.51/system/df"));
        JsonNode removed = timed("rmi", () -> answer(200, "DELETE", "/v1.51/images/large-layers:1"));
        assertTrue(removed.size() > LAYERS, removed::toString);
    }

    @Test
    @Timeout(600)
    void aLayerOfManyFilesIsLikeAnyOther() {
        Path tar = engine.scratch().resolve("many.tar");
        write(tar);
        timed("import of " + FILES + " files", () -> docker("import", "--change", "LABEL " + RUN + "=", tar.toString(), "large-files:1")).succeeded();
        String last = "many/" + (FILES - 1) / FILES_A_DIRECTORY + '/' + (FILES - 1);
        assertEquals(FILES + "\n" + (FILES - 1), timed("run", () -> run("--rm", "large-files:1", "/bin/busybox", "sh", "-c",
                "/bin/busybox find /many -type f | /bin/busybox wc -l; /bin/busybox cat /" + last)).succeeded().strip());
        timed("inspect", () -> answer(200, "GET", "/v1.51/images/large-files:1/json"));
        timed("history", () -> answer(200, "GET", "/v1.51/images/large-files:1/history"));
        timed("first df", () -> answer(200, "GET", "/v1.51/system/df"));
        long begin = System.nanoTime();
        timed("second df", () -> answer(200, "GET", "/v1.51/system/df"));
        Duration again = Duration.ofNanos(System.nanoTime() - begin);
        timed("rmi", () -> answer(200, "DELETE", "/v1.51/images/large-files:1"));
        assertTrue(engine.isReference() || again.toMillis() < 1000, () -> "a layer that was counted once is counted again: " + again);
        if (!engine.isReference()) {
            Path layers = engine.dataRoot().resolve("layers");
            Await.until("the files to be gone", Duration.ofMinutes(5), () -> !Commands.run("ls", layers.toString()).succeeded().contains("remove-"),
                    () -> Commands.run("ls", layers.toString()).out());
        }
    }

    private static void write(Path path) {
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new BufferedOutputStream(Files.newOutputStream(path), 1 << 20))) {
            member(tar, "bin/busybox", Files.readAllBytes(TestImage.busybox()), 0100755);
            for (int i = 0; i < FILES; i++) {
                member(tar, "many/" + i / FILES_A_DIRECTORY + '/' + i, String.valueOf(i).getBytes(StandardCharsets.UTF_8), 0100644);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void member(TarArchiveOutputStream tar, String name, byte[] content, int mode) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setMode(mode);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }
}
