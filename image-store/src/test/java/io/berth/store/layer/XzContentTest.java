package io.berth.store.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.store.content.StoreException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class XzContentTest {

    private static final byte[] CONTENT = "content ".repeat(1000).getBytes();
    private static final int MEBIBYTE = 1 << 20;

    /** What a header says of the dictionary counts, whatever the content needs. */
    private static byte[] compressed(int dictionary) throws IOException {
        LZMA2Options options = new LZMA2Options(0);
        options.setDictSize(dictionary);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new XZOutputStream(bytes, options)) {
            out.write(CONTENT);
        }
        return bytes.toByteArray();
    }

    private static InputStream stream(byte[] bytes, XzContent.Dictionaries dictionaries) throws IOException {
        return XzContent.open(new ByteArrayInputStream(bytes), dictionaries);
    }

    private static XzContent.Dictionaries dictionaries(int mebibytes) {
        return new XzContent.Dictionaries(mebibytes * MEBIBYTE, Duration.ofMillis(50));
    }

    @Test
    void theLargestDictionaryOfThePresetsIsAcceptedAndALargerOneNamed() throws IOException {
        try (InputStream in = XzContent.open(new ByteArrayInputStream(compressed(64 * MEBIBYTE)))) {
            assertArrayEquals(CONTENT, in.readAllBytes());
        }
        byte[] larger = compressed(128 * MEBIBYTE);
        StoreException refused = assertThrows(StoreException.class, () -> stream(larger, dictionaries(200)).readAllBytes());
        assertEquals("the archive is compressed with an xz dictionary that takes 128 MiB of memory to unpack, 66 MiB are the most: compress it"
                + " with xz -9 or less", refused.getMessage());
        assertEquals(StoreException.Kind.INVALID, refused.kind());
    }

    @Test
    void dictionariesInUseTakeNoMoreThanTheirShareAndAreGivenBackWhenClosed() throws Exception {
        XzContent.Dictionaries dictionaries = dictionaries(8);
        byte[] bytes = compressed(8 * MEBIBYTE);
        try (InputStream first = stream(bytes, dictionaries)) {
            assertEquals('c', first.read());
            StoreException refused = assertThrows(StoreException.class, () -> stream(bytes, dictionaries).read());
            assertEquals(StoreException.Kind.UNAVAILABLE, refused.kind());
        }
        for (int i = 0; i < 3; i++) {
            try (InputStream next = stream(Arrays.copyOf(bytes, bytes.length - 1), dictionaries)) {
                assertThrows(EOFException.class, next::readAllBytes);
            }
        }
    }

    @Test
    void whoComesWhenAllIsTakenWaitsForIt() throws Exception {
        XzContent.Dictionaries dictionaries = new XzContent.Dictionaries(8 * MEBIBYTE, Duration.ofMinutes(1));
        byte[] bytes = compressed(8 * MEBIBYTE);
        CompletableFuture<byte[]> second = new CompletableFuture<>();
        try (InputStream first = stream(bytes, dictionaries)) {
            assertEquals('c', first.read());
            Thread.ofVirtual().start(() -> {
                try (InputStream in = stream(bytes, dictionaries)) {
                    second.complete(in.readAllBytes());
                } catch (IOException failure) {
                    second.completeExceptionally(failure);
                }
            });
        }
        assertArrayEquals(CONTENT, second.get());
    }

    @Test
    void concatenatedStreamsAreOneContentAndDamageIsTheContentsFault() throws IOException {
        byte[] one = compressed(MEBIBYTE);
        ByteArrayOutputStream twice = new ByteArrayOutputStream();
        twice.write(one);
        twice.write(one);
        try (InputStream in = Compression.unwrap(new ByteArrayInputStream(twice.toByteArray()))) {
            assertEquals(2 * CONTENT.length, in.readAllBytes().length);
        }
        one[one.length / 2] ^= 1;
        try (InputStream in = Compression.unwrap(new ByteArrayInputStream(one))) {
            IOException damaged = assertThrows(IOException.class, in::readAllBytes);
            assertTrue(Compression.isContentsFault(damaged), damaged::toString);
        }
    }
}
