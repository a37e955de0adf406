package io.berth.store.gc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Lease;
import io.berth.store.durable.DiskFiles;
import io.berth.store.image.ImageEvents.Action;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Images;
import io.berth.store.image.StoredImage;
import io.berth.store.layer.LayerStore;
import io.berth.store.layer.TarFixture;
import io.berth.store.layer.TemporaryDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CollectorTest {

    private final TemporaryDirectory temporary = new TemporaryDirectory();
    private final BlobStore blobs = BlobStore.open(new DiskFiles(), temporary.path());
    private final LayerStore layers =
            LayerStore.open(temporary.kernel(), new DiskFiles(), blobs, temporary.path().resolve("layers"), "boot-1");
    private final Images images = Images.open(new DiskFiles(), temporary.path().resolve("images.journal"), blobs, layers::removeUnless,
            image -> List.of(), (action, image, name, labels) -> { });

    @AfterEach
    void remove() {
        layers.close();
        images.close();
        temporary.close();
    }

    private static byte[] tar(int number) {
        return new TarFixture().file("number", Integer.toString(number)).bytes();
    }

    /** As a load does it, with the collector let in before each step. */
    private StoredImage load(int layer, String name, Runnable between) {
        byte[] tar = tar(layer);
        Digest diffId = Digest.of(tar);
        byte[] packed = TarFixture.gzip(tar);
        Digest blob = Digest.of(packed);
        byte[] config = ("{\"author\":\"" + name + "\"}").getBytes(StandardCharsets.UTF_8);
        Lease lease = blobs.lease();
        try {
            lease.keep(diffId);
            between.run();
            if (!lease.hold(blob)) {
                blobs.put(packed, lease);
            }
            between.run();
            layers.unpack(diffId, () -> blobs.read(blob), true);
            between.run();
            Digest id = blobs.put(config, lease);
            between.run();
            StoredImage image = new StoredImage(id, Optional.empty(), List.of(new StoredImage.Layer(diffId, blob, 1)));
            images.add(image, List.of(ImageReference.parse(name)), Action.LOAD);
            between.run();
            return image;
        } finally {
            images.abandon(lease, List.of(diffId, blob, Digest.of(config)));
        }
    }

    private void assertWhole(StoredImage image) {
        assertTrue(blobs.has(image.id()));
        image.layers().forEach(layer -> {
            assertTrue(blobs.has(layer.blob()));
            assertTrue(layers.isUnpacked(layer.diffId()));
            assertTrue(Files.exists(layers.root().resolve(layers.relativeTree(layer.diffId())).resolve("number")));
        });
    }

    private Collector collector(BlobPolicy policy) {
        return new Collector(blobs, layers, images, policy, Duration.ofHours(1));
    }

    @Test
    void contentThatArrivesIsNeverWithoutLeaseOrRoot() {
        try (Collector collector = collector(BlobPolicy.KEEP)) {
            StoredImage image = load(1, "one", collector::run);
            collector.run();
            assertWhole(image);
            images.remove("one", false, true);
            collector.run();
            assertEquals(List.of(), blobs.list());
            assertEquals(List.of(), layers.list());
        }
    }

    @Test
    void loadsRemovalsAndCollectionsAtOnceLoseNothing() throws Exception {
        AtomicBoolean ended = new AtomicBoolean();
        try (Collector collector = collector(BlobPolicy.KEEP); ExecutorService threads = Executors.newFixedThreadPool(5)) {
            Future<?> collecting = threads.submit(() -> {
                while (!ended.get()) {
                    collector.run();
                }
            });
            List<Future<?>> clients = IntStream.range(0, 4).<Future<?>>mapToObj(client -> threads.submit(() -> {
                Random random = new Random(client);
                for (int i = 0; i < 60; i++) {
                    String name = "client" + client;
                    StoredImage image = load(random.nextInt(3), name, () -> { });
                    assertWhole(image);
                    images.remove(name, false, true);
                }
            })).toList();
            try {
                for (Future<?> client : clients) {
                    client.get();
                }
            } finally {
                ended.set(true);
            }
            collecting.get();
            collector.run();
            assertEquals(List.of(), blobs.list());
            assertEquals(List.of(), layers.list());
        }
    }

    @Test
    void whatAnotherRootNamesStays() {
        Lease lease = blobs.lease();
        Digest cached = blobs.put(tar(1), lease);
        images.alsoNeeded(() -> Set.of(cached));
        lease.close();
        try (Collector collector = collector(BlobPolicy.KEEP)) {
            collector.run();
            assertTrue(blobs.has(cached));
        }
    }

    @Test
    void aBlobIsDroppedOnlyOnceItsLayerIsOnTheDiskAndThatIsNoDamage() throws IOException {
        try (Collector collector = collector(BlobPolicy.DROP)) {
            StoredImage image = load(1, "one", () -> { });
            StoredImage.Layer layer = image.layers().getFirst();
            collector.run();
            assertTrue(blobs.has(layer.blob()));
            Path state = layers.root().resolve(layers.relativeTree(layer.diffId())).resolveSibling("state");
            Files.writeString(state, Files.readString(state).replace("boot-1", "synced"));
            collector.run();
            assertFalse(blobs.has(layer.blob()));
            assertTrue(blobs.has(image.id()));
            assertTrue(layers.isDropped(layer.diffId(), layer.blob()));
            collector.run();
            assertTrue(layers.isUnpacked(layer.diffId()));
        }
    }

    @Test
    void whatAPowerCutLeftOfALayerGoesUnlessALayerOfThatNameIsNeeded() throws IOException {
        try (Collector collector = collector(BlobPolicy.KEEP)) {
            Digest needed = load(1, "one", () -> { }).layers().getFirst().diffId();
            Path broken = layers.root().resolve("00112233445566778899aabb");
            Files.createDirectories(broken.resolve("fs"));
            Files.write(broken.resolve("state"), new byte[0]);
            Path own = layers.root().resolve(layers.relativeTree(needed)).resolveSibling("state");
            Files.write(own, new byte[0]);
            collector.run();
            assertFalse(Files.exists(broken));
            assertTrue(Files.exists(own));
        }
    }
}
