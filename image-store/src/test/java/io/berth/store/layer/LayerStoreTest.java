package io.berth.store.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Lease;
import io.berth.store.content.StoreException;
import io.berth.store.durable.DiskFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LayerStoreTest {

    private static final byte[] TAR = new TarFixture().file("etc/motd", "hello").file("b", "!").bytes();
    private static final Digest DIFF_ID = Digest.of(TAR);

    private final TemporaryDirectory temporary = new TemporaryDirectory();
    private final Path root = temporary.path();
    private final Path layers = root.resolve("layers");
    private final BlobStore blobs = BlobStore.open(new DiskFiles(), root);

    @AfterEach
    void remove() {
        temporary.close();
    }

    private LayerStore open(String boot) {
        return LayerStore.open(temporary.kernel(), new DiskFiles(), blobs, layers, boot, Duration.ZERO, DiskReserve.DEFAULT);
    }

    private LayerSource stored(byte[] blob) {
        try (Lease lease = blobs.lease()) {
            return new LayerSource(DIFF_ID, blobs.put(blob, lease));
        }
    }

    private List<String> names() throws IOException {
        try (Stream<Path> list = Files.list(layers)) {
            return list.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private String state() throws IOException {
        return Files.readString(layers.resolve(DIFF_ID.hex().substring(0, 24)).resolve("state"));
    }

    @Test
    void aLayerIsMadeFromItsBlobOnceAndMarkedWhenItIsOnTheDisk() throws IOException {
        LayerSource source = stored(TarFixture.gzip(TAR));
        Path tree;
        try (LayerStore store = open("boot-1")) {
            tree = store.lowerDirectories(List.of(source)).getFirst();
            assertEquals("hello", Files.readString(tree.resolve("etc/motd")));
            Files.writeString(tree.resolve("etc/motd"), "not made again");
            assertEquals(List.of(tree), store.lowerDirectories(List.of(source, source)));
        }
        // Closing waits for the file being synced, not for all: open once more to finish.
        try (LayerStore store = open("boot-1")) {
            store.lowerDirectories(List.of(source));
            awaitSynced();
        }
        try (LayerStore store = open("boot-2")) {
            store.lowerDirectories(List.of(source));
            assertEquals("not made again", Files.readString(tree.resolve("etc/motd")));
        }
    }

    @Test
    void whatALayerTakesIsCountedOnceAndStandsInItsState() throws IOException {
        LayerSource source = stored(TAR);
        long size;
        try (LayerStore store = open("boot-1")) {
            assertEquals(0, store.diskSize(DIFF_ID));
            Path tree = store.lowerDirectories(List.of(source)).getFirst();
            awaitSynced();
            size = store.diskSize(DIFF_ID);
            assertTrue(size > 0);
            assertTrue(state().contains("\ndisk-size " + size + "\n"), this::readState);
            Files.write(tree.resolve("etc/more"), new byte[100_000]);
            assertEquals(size, store.diskSize(DIFF_ID), "a layer never changes");
        }
        try (LayerStore store = open("boot-2")) {
            assertEquals(size, store.diskSize(DIFF_ID));
            store.removeUnless(Set.of(), List.of(DIFF_ID));
            assertEquals(0, store.diskSize(DIFF_ID));
        }
    }

    private String readState() {
        try {
            return state();
        } catch (IOException failure) {
            return failure.toString();
        }
    }

    private void awaitSynced() throws IOException {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (!state().contains("complete synced")) {
            assertTrue(System.nanoTime() < deadline, "not synced in ten seconds: " + state());
            Thread.onSpinWait();
        }
    }

    @Test
    void aLayerWithoutItsMarkIsMadeAnewAfterAReboot() throws IOException {
        LayerSource source = stored(TAR);
        Path tree;
        try (LayerStore store = open("boot-1")) {
            tree = store.lowerDirectories(List.of(source)).getFirst();
        }
        for (String lost : List.of("format 1\ndiff-id " + DIFF_ID + "\ncontent-size 6\ncomplete boot-1\nend\n",
                "format 1\ndiff-id " + DIFF_ID + "\ncontent-size 6\ncomplete syn", "", "\0\0\0\0\0\0")) {
            Files.writeString(tree.resolveSibling("state"), lost);
            Files.writeString(tree.resolve("etc/motd"), "torn");
            try (LayerStore store = open("boot-2")) {
                store.lowerDirectories(List.of(source));
                assertEquals("hello", Files.readString(tree.resolve("etc/motd")));
            }
        }
    }

    @Test
    void whatAnEarlierLifeLeftHalfDoneIsRemoved() throws IOException {
        Files.createDirectories(layers.resolve("unpack-1/fs/deep"));
        Files.createDirectories(layers.resolve("remove-2/fs"));
        open("boot-1").close();
        assertEquals(List.of(), names());
    }

    @Test
    void aRefusedTarLeavesNothing() throws IOException {
        byte[] hostile = new TarFixture().file("fine", "x").file("../out", "x").bytes();
        try (LayerStore store = open("boot-1")) {
            assertThrows(StoreException.class,
                    () -> store.unpack(DIFF_ID, () -> new ByteArrayInputStream(hostile), true));
            WrongDiffIdException wrong = assertThrows(WrongDiffIdException.class, () -> store.unpack(DIFF_ID,
                    () -> new ByteArrayInputStream(new TarFixture().file("other", "x").bytes()), true));
            assertEquals(Digest.of(new TarFixture().file("other", "x").bytes()), wrong.found());
            assertEquals(List.of(), names());
            assertEquals(6, store.unpack(DIFF_ID, () -> new ByteArrayInputStream(TAR), true));
        }
    }

    @Test
    void aDamagedBlobIsNamed() throws IOException {
        LayerSource source = stored(TAR);
        byte[] damaged = TAR.clone();
        damaged[512] ^= 1;
        Files.write(blobs.path(source.blob()), damaged);
        try (LayerStore store = open("boot-1")) {
            StoreException refused = assertThrows(StoreException.class, () -> store.lowerDirectories(List.of(source)));
            assertEquals(StoreException.Kind.CORRUPT, refused.kind());
            assertTrue(refused.getMessage().contains(source.blob().toString()), refused.getMessage());
        }
    }

    @Test
    void manyWhoWantTheSameLayerUnpackItOnce() throws Exception {
        AtomicInteger read = new AtomicInteger();
        try (LayerStore store = open("boot-1"); ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<Long>> sizes = IntStream.range(0, 30).mapToObj(i -> threads.submit(() -> store.unpack(DIFF_ID, () -> {
                read.incrementAndGet();
                return new ByteArrayInputStream(TAR);
            }, true))).toList();
            for (Future<Long> size : sizes) {
                assertEquals(6, size.get());
            }
            assertEquals(1, read.get());
        }
    }

    @Test
    void aLayerIsRemovedUnlessNeededOrLeased() throws IOException {
        try (LayerStore store = open("boot-1")) {
            Lease lease = blobs.lease();
            lease.keep(DIFF_ID);
            store.unpack(DIFF_ID, () -> new ByteArrayInputStream(TAR), true);
            assertEquals(List.of(), store.removeUnless(Set.of(), List.of(DIFF_ID)));
            lease.close();
            assertEquals(List.of(), store.removeUnless(Set.of(DIFF_ID), List.of(DIFF_ID)));
            assertEquals(List.of(DIFF_ID), store.removeUnless(Set.of(), List.of(DIFF_ID)));
            assertFalse(Files.exists(layers.resolve(store.relativeTree(DIFF_ID))));
        }
        assertEquals(List.of(), names());
    }
}
