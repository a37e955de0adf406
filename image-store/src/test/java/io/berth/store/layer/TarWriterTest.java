package io.berth.store.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TarWriterTest {

    private static final byte[] NOTHING = {};

    private static TarEntry file(byte[] path, long size) {
        return new TarEntry(TarEntry.Type.REGULAR, path, NOTHING, 0644, 0, 0, size, 1_600_000_000, 0, 0, 0, List.of(), List.of());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] written(TarEntry entry, byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TarWriter tar = new TarWriter(out);
        tar.begin(entry);
        tar.content(content, 0, content.length);
        tar.finish();
        return out.toByteArray();
    }

    static Stream<TarEntry> everyKindOfField() {
        byte[] latin = {'n', (byte) 0xe9, 'e'};
        TarEntry.Attribute capability = new TarEntry.Attribute(bytes("security.capability"), new byte[] {1, 0, 0, 2, '\n', (byte) 0xff});
        return Stream.of(
                new TarEntry(TarEntry.Type.DIRECTORY, bytes("d/"), NOTHING, 01777, 1, 2, 0, 5, 0, 0, 0, List.of(), List.of()),
                new TarEntry(TarEntry.Type.SYMBOLIC_LINK, latin, bytes("t".repeat(300)), 0777, 1, 2, 0, 5, 0, 0, 0, List.of(), List.of()),
                new TarEntry(TarEntry.Type.HARD_LINK, bytes("h"), bytes("x".repeat(100)), 0644, 1, 2, 0, 5, 0, 0, 0, List.of(), List.of()),
                new TarEntry(TarEntry.Type.CHARACTER_DEVICE, bytes("c"), NOTHING, 0600, 0, 0, 0, 5, 0, 4095, 1048575, List.of(), List.of()),
                new TarEntry(TarEntry.Type.FIFO, bytes("a/".repeat(90) + "p"), NOTHING, 0600, 0, 0, 0, 5, 0, 0, 0, List.of(), List.of()),
                new TarEntry(TarEntry.Type.FIFO, bytes("long".repeat(60)), NOTHING, 0600, 0, 0, 0, 5, 0, 0, 0, List.of(), List.of()),
                new TarEntry(TarEntry.Type.REGULAR, bytes("f"), NOTHING, 07777, -2, 1 << 30, 0, 1L << 40, 123_456_789, 0, 0, List.of(capability),
                        List.of()),
                new TarEntry(TarEntry.Type.REGULAR, bytes("old"), NOTHING, 0, 0, 0, 0, -1, 250_000_000, 0, 0, List.of(), List.of()));
    }

    @ParameterizedTest
    @MethodSource("everyKindOfField")
    void everyFieldIsReadBack(TarEntry entry) throws IOException {
        TarReader reader = new TarReader(new ByteArrayInputStream(written(entry, NOTHING)));
        TarEntry read = reader.next().orElseThrow();
        assertArrayEquals(entry.path(), read.path());
        assertArrayEquals(entry.linkPath(), read.linkPath());
        assertEquals(List.of(entry.type(), entry.permissions(), entry.uid(), entry.gid(), entry.size(), entry.modifiedSeconds(),
                        entry.modifiedNanos(), entry.deviceMajor(), entry.deviceMinor()),
                List.of(read.type(), read.permissions(), read.uid(), read.gid(), read.size(), read.modifiedSeconds(), read.modifiedNanos(),
                        read.deviceMajor(), read.deviceMinor()));
        assertEquals(entry.attributes().size(), read.attributes().size());
        for (int i = 0; i < entry.attributes().size(); i++) {
            assertArrayEquals(entry.attributes().get(i).name(), read.attributes().get(i).name());
            assertArrayEquals(entry.attributes().get(i).value(), read.attributes().get(i).value());
        }
        assertTrue(reader.next().isEmpty());
    }

    @Test
    void holesAreLeftOutAndFoundAgain() throws IOException {
        List<TarEntry.Segment> segments = List.of(new TarEntry.Segment(4096, 3), new TarEntry.Segment(1 << 20, 0));
        TarEntry sparse = new TarEntry(TarEntry.Type.REGULAR, bytes("dir/s"), NOTHING, 0644, 0, 0, 1 << 20, 5, 0, 0, 0, List.of(), segments);
        byte[] tar = written(sparse, bytes("abc"));
        assertTrue(tar.length < 8192);
        TarEntry read = new TarReader(new ByteArrayInputStream(tar)).next().orElseThrow();
        assertEquals(segments, read.segments());
        assertEquals("dir/s", read.displayPath());
        try (TarArchiveInputStream others = new TarArchiveInputStream(new ByteArrayInputStream(tar))) {
            TarArchiveEntry entry = others.getNextEntry();
            assertEquals("dir/s", entry.getName());
            byte[] content = others.readAllBytes();
            assertEquals(1 << 20, content.length);
            assertEquals("abc", new String(content, 4096, 3, StandardCharsets.UTF_8));
        }
    }

    @Test
    void sameMembersGiveTheSameBytes() throws IOException {
        assertArrayEquals(written(file(bytes("f"), 1), bytes("x")), written(file(bytes("f"), 1), bytes("x")));
    }

    @Test
    void everyTarEndsWithTwoBlocksOfZeros() throws IOException {
        byte[] tar = written(file(bytes("f"), 513), new byte[513]);
        assertEquals(512 + 1024 + 1024, tar.length);
        assertArrayEquals(new byte[1024], Arrays.copyOfRange(tar, tar.length - 1024, tar.length));
    }

    @Test
    void contentThatIsMissingOrTooMuchIsAnErrorOfTheProgram() throws IOException {
        TarWriter tar = new TarWriter(new ByteArrayOutputStream());
        tar.begin(file(bytes("f"), 2));
        assertThrows(IllegalStateException.class, () -> tar.content(new byte[3], 0, 3));
        tar.content(new byte[1], 0, 1);
        assertThrows(IllegalStateException.class, tar::finish);
    }

    @Test
    void sizeBeyondElevenOctalDigitsIsReadBack() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new TarWriter(out).begin(new TarEntry(TarEntry.Type.REGULAR, "layer".getBytes(StandardCharsets.UTF_8), new byte[0], 0644, 0, 0, 12L << 30, 0, 0, 0, 0,
                List.of(), List.of()));
        assertEquals(12L << 30, new TarReader(new ByteArrayInputStream(out.toByteArray())).next().orElseThrow().size());
    }
}
