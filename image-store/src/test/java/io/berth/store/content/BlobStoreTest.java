package io.berth.store.content;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.store.durable.DiskFiles;
import io.berth.store.durable.ForgetfulFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlobStoreTest {

    private static final byte[] CONTENT = "content".getBytes(StandardCharsets.UTF_8);
    private static final Digest DIGEST = Digest.of(CONTENT);

    @TempDir
    private Path root;

    @Test
    void whatWasPutIsReadByItsDigest() throws IOException {
        BlobStore store = BlobStore.open(new DiskFiles(), root);
        try (Lease lease = store.lease()) {
            assertEquals(DIGEST, store.put(CONTENT, lease));
        }
        assertEquals("sha256:ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73", DIGEST.toString());
        assertArrayEquals(CONTENT, Files.readAllBytes(root.resolve("blobs/sha256/" + DIGEST.hex())));
        try (InputStream read = store.read(DIGEST)) {
            assertArrayEquals(CONTENT, read.readAllBytes());
        }
        assertEquals(7, store.size(DIGEST).orElseThrow());
        assertEquals(List.of(DIGEST), store.list());
    }

    @Test
    void contentThatIsNotWhatWasExpectedIsNotKept() throws IOException {
        BlobStore store = BlobStore.open(new DiskFiles(), root);
        try (Lease lease = store.lease(); Ingest ingest = store.ingest()) {
            ingest.writeAll(new ByteArrayInputStream("other".getBytes(StandardCharsets.UTF_8)));
            StoreException refused = assertThrows(StoreException.class, () -> ingest.commit(lease, Optional.of(DIGEST)));
            assertTrue(refused.getMessage().contains("expected " + DIGEST), refused.getMessage());
        }
        assertEquals(List.of(), store.list());
        try (Stream<Path> left = Files.list(root.resolve("ingest"))) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void whatAnEarlierLifeLeftUnfinishedIsRemoved() throws IOException {
        Files.createDirectories(root.resolve("ingest"));
        Files.writeString(root.resolve("ingest/17"), "half");
        BlobStore.open(new DiskFiles(), root);
        assertFalse(Files.exists(root.resolve("ingest/17")));
    }

    @Test
    void aLeaseHoldsABlobUntilItIsClosed() {
        BlobStore store = BlobStore.open(new ForgetfulFiles(), root);
        Lease lease = store.lease();
        store.put(CONTENT, lease);
        assertEquals(List.of(), store.removeUnless(Set.of(), List.of(DIGEST)));
        lease.close();
        assertEquals(List.of(), store.removeUnless(Set.of(DIGEST), List.of(DIGEST)));
        assertEquals(List.of(DIGEST), store.removeUnless(Set.of(), List.of(DIGEST)));
        try (Lease late = store.lease()) {
            assertFalse(late.hold(DIGEST));
        }
    }

    @Test
    void writersOfTheSameBlobDoNotDisturbEachOther() throws Exception {
        BlobStore store = BlobStore.open(new DiskFiles(), root);
        byte[] large = new byte[300_000];
        try (Lease lease = store.lease(); ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<Digest>> writers = IntStream.range(0, 40).mapToObj(i -> threads.submit(() -> store.put(large, lease))).toList();
            for (Future<Digest> writer : writers) {
                assertEquals(Digest.of(large), writer.get());
            }
        }
        assertArrayEquals(large, store.readDocument(Digest.of(large)));
    }

    @Test
    void aDamagedDocumentIsNamed() throws IOException {
        BlobStore store = BlobStore.open(new DiskFiles(), root);
        try (Lease lease = store.lease()) {
            store.put(CONTENT, lease);
        }
        Files.writeString(store.path(DIGEST), "c0ntent");
        StoreException damaged = assertThrows(StoreException.class, () -> store.readDocument(DIGEST));
        assertEquals(StoreException.Kind.CORRUPT, damaged.kind());
        assertTrue(damaged.getMessage().contains(DIGEST.toString()), damaged.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sha256:", "sha256:12", "sha512:" + "a", "sha256:../../../../../../../../etc/passwd"})
    void whatIsNoDigestIsRefused(String text) {
        assertThrows(StoreException.class, () -> Digest.parse(text));
    }
}
