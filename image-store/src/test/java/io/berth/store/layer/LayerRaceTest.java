package io.berth.store.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Lease;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What happens to a layer in the middle of its removal, its syncing and its replacement; each race is made to happen. */
class LayerRaceTest {

    private static final byte[] TAR = new TarFixture().file("etc/motd", "hello").bytes();
    private static final Digest DIFF_ID = Digest.of(TAR);

    private final TemporaryDirectory temporary = new TemporaryDirectory();
    private final InterceptedFiles files = new InterceptedFiles();
    private final BlobStore blobs = BlobStore.open(files, temporary.path());

    @AfterEach
    void remove() {
        temporary.close();
    }

    private LayerStore open(Duration syncAfter) {
        return LayerStore.open(temporary.kernel(), files, blobs, temporary.path().resolve("layers"), "boot-1", syncAfter, DiskReserve.DEFAULT);
    }

    private static void unpack(LayerStore store) {
        store.unpack(DIFF_ID, () -> new ByteArrayInputStream(TAR), true);
    }

    private Path motd(LayerStore store) {
        return store.root().resolve(store.relativeTree(DIFF_ID)).resolve("etc/motd");
    }

    @Test
    void whoComesForALayerInTheMiddleOfItsRemovalGetsItMadeAnew() throws Exception {
        try (LayerStore store = open(Duration.ofHours(1)); Lease lease = blobs.lease()) {
            unpack(store);
            AtomicReference<Thread> comer = new AtomicReference<>();
            files.before = (step, path) -> {
                if (step.equals("rename") && path.getFileName().toString().startsWith("remove-") && comer.get() == null) {
                    comer.set(Thread.ofPlatform().start(() -> {
                        lease.keep(DIFF_ID);
                        unpack(store);
                    }));
                    // It has either been told that the layer is there, which is wrong, or waits until it is not.
                    awaitEndOrWait(comer.get());
                }
            };
            assertEquals(List.of(DIFF_ID), store.removeUnless(Set.of(), List.of(DIFF_ID)));
            comer.get().join();
            assertEquals("hello", Files.readString(motd(store)));
        }
    }

    private static void awaitEndOrWait(Thread thread) {
        Set<Thread.State> resting = Set.of(Thread.State.BLOCKED, Thread.State.WAITING, Thread.State.TERMINATED);
        while (!resting.contains(thread.getState())) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aTreeThatTookTheNameOfTheOneBeingSyncedIsNotMarkedAsSynced() throws Exception {
        CountDownLatch swapped = new CountDownLatch(1);
        AtomicBoolean first = new AtomicBoolean(true);
        AtomicReference<LayerStore> opened = new AtomicReference<>();
        AtomicReference<String> stateAfterMark = new AtomicReference<>();
        CountDownLatch marked = new CountDownLatch(1);
        files.before = (step, path) -> {
            if (step.equals("syncDirectory") && path.endsWith("layers") && opened.get() != null && first.getAndSet(false)) {
                opened.get().removeUnless(Set.of(), List.of(DIFF_ID));
                Thread other = Thread.ofPlatform().start(() -> unpack(opened.get()));
                join(other);
                swapped.countDown();
            } else if (step.equals("syncDirectory") && swapped.getCount() == 0 && stateAfterMark.get() == null) {
                stateAfterMark.set(read(path.resolve("state")));
                marked.countDown();
            }
        };
        try (LayerStore store = open(Duration.ZERO)) {
            opened.set(store);
            unpack(store);
            marked.await();
            assertTrue(stateAfterMark.get().contains("complete boot-1"), stateAfterMark.get());
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failure) {
            return failure.toString();
        }
    }

    @Test
    void aLayerThatIsReplacedKeepsItsOldFilesForThoseWhoStandOnThem() throws Exception {
        try (LayerStore store = open(Duration.ofHours(1)); Lease lease = blobs.lease()) {
            Digest blob = blobs.put(TAR, lease);
            lease.keep(DIFF_ID);
            unpack(store);
            Files.writeString(motd(store), "jello");
            try (var old = Files.newByteChannel(motd(store))) {
                store.compare(new LayerSource(DIFF_ID, blob), true, difference -> { });
                assertEquals("hello", Files.readString(motd(store)));
                assertEquals(5, old.size());
            }
            Path replaced = store.root().resolve(store.remains().replaced().getFirst());
            assertEquals("jello", Files.readString(replaced.resolve("fs/etc/motd")));
            store.remains().removeReplaced(Set.of(DIFF_ID));
            assertTrue(Files.exists(replaced));
            store.remains().removeReplaced(Set.of());
            assertFalse(Files.exists(replaced));
            assertEquals("hello", Files.readString(motd(store)));
        }
    }

    @Test
    void aBlobIsMarkedAsDroppedOnlyWhenItsLayerIsOnTheDisk() throws Exception {
        try (LayerStore store = open(Duration.ofHours(1))) {
            unpack(store);
            assertFalse(store.markDropped(DIFF_ID, DIFF_ID));
            assertFalse(store.isDropped(DIFF_ID, DIFF_ID));
        }
        Path state = temporary.path().resolve("layers").resolve(DIFF_ID.hex().substring(0, 24)).resolve("state");
        Files.writeString(state, Files.readString(state).replace("boot-1", "synced"));
        try (LayerStore store = open(Duration.ofHours(1))) {
            assertTrue(store.markDropped(DIFF_ID, DIFF_ID));
            assertTrue(Files.readString(state).contains("dropped " + DIFF_ID));
            assertTrue(store.isSynced(DIFF_ID));
        }
    }

    @Test
    void aLayerThatSomebodyDeletedUnderTheDaemonIsMadeAgainWhenItIsUsed() throws Exception {
        try (LayerStore store = open(Duration.ofHours(1)); Lease lease = blobs.lease()) {
            Digest blob = blobs.put(TAR, lease);
            unpack(store);
            Path directory = motd(store).getParent().getParent().getParent();
            Files.move(directory, temporary.path().resolve("gone"));
            store.lowerDirectories(List.of(new LayerSource(DIFF_ID, blob)));
            assertEquals("hello", Files.readString(motd(store)));
        }
    }
}
