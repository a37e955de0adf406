package io.berth.store.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Lease;
import io.berth.store.content.StoreException;
import io.berth.store.durable.DurableFiles;
import io.berth.store.durable.ForgetfulFiles;
import io.berth.store.image.ImageEvents.Action;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Images;
import io.berth.store.image.Manifest;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.image.Platform;
import io.berth.store.image.StoredImage;
import io.berth.store.registry.Credentials;
import io.berth.store.registry.RegistryException;
import io.berth.store.registry.RegistryException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PushTest {

    private static final Path ROOT = Path.of("/data");
    private static final int UPLOADS = 3;

    private final ForgetfulFiles files = new ForgetfulFiles();
    private final BlobStore blobs = BlobStore.open(files, ROOT);
    private final List<String> events = new ArrayList<>();
    private final Images images = Images.open(files, ROOT.resolve("images.journal"), blobs, (needed, diffIds) -> List.of(), image -> List.of(),
            (action, image, name, labels) -> events.add(action + " " + name));
    private final PushedRepository registry = new PushedRepository();
    private final Push push = new Push(registry, blobs, images, new TransferSettings(3, UPLOADS, 3));
    private final List<String> told = new CopyOnWriteArrayList<>(); // read while it is written

    private final PushProgress progress = new RecordedPush(told);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Durable, as an image's blobs are; only an image keeps it. */
    private Digest put(String content) {
        try (Lease lease = blobs.lease()) {
            return blobs.put(bytes(content), lease);
        }
    }

    /** An image without a manifest, of layers that are nothing but their names. */
    private StoredImage imported(String name, String... layers) {
        List<StoredImage.Layer> stored = new ArrayList<>();
        for (String layer : layers) {
            Digest blob = put(layer);
            stored.add(new StoredImage.Layer(blob, blob, layer.length()));
        }
        Digest id = put("{\"os\":\"linux\",\"architecture\":\"amd64\",\"comment\":\"" + String.join(" ", layers) + "\"}");
        StoredImage image = new StoredImage(id, Optional.empty(), stored);
        images.add(image, List.of(ImageReference.parse(name)), Action.IMPORT);
        return image;
    }

    /** A manifest in the store: of a configuration and one layer. */
    private String manifest(String architecture) {
        Digest config = put("{\"os\":\"linux\",\"architecture\":\"" + architecture + "\"}");
        return """
                {"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d},
                "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"%s","size":%d}]}""".formatted(config,
                blobs.size(config).orElseThrow(), put("layer for " + architecture), ("layer for " + architecture).length());
    }

    private static String entry(String manifest, String architecture) {
        return "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"%s\",\"size\":%d,\"platform\":{\"os\":\"linux\",\"architecture\":\"%s\"}}"
                .formatted(Digest.of(bytes(manifest)), manifest.length(), architecture);
    }

    /** An image for amd64 that came by an index, which names one for arm64 too. */
    private StoredImage indexed(String name, boolean otherIsHere) {
        String own = manifest("amd64");
        String other = manifest("arm64");
        Digest index = put("{\"schemaVersion\":2,\"manifests\":[" + entry(own, "amd64") + ',' + entry(other, "arm64") + "]}");
        Manifest.Image read = (Manifest.Image) Manifest.read(bytes(own));
        Set<Digest> attachments = new HashSet<>(Set.of(index));
        if (otherIsHere) {
            attachments.add(put(other));
            Manifest.read(bytes(other)).children().forEach(child -> attachments.add(child.digest()));
        }
        Digest layer = read.layers().getFirst().digest();
        StoredImage image = new StoredImage(read.config().digest(), Optional.of(put(own)), Optional.of(index),
                List.of(new StoredImage.Layer(Digest.of(bytes("tar of " + name)), layer, 1)), attachments);
        images.add(image, List.of(ImageReference.parse(name)), Action.LOAD);
        return image;
    }

    private void push(String name) throws InterruptedException {
        push.push(ImageReference.parse(name), Optional.empty(), Credentials.ANONYMOUS, progress);
    }

    private byte[] pushed(String tag) {
        return registry.manifests.get(tag).content();
    }

    @Test
    void anImageWithoutAManifestGetsOneOfDockersWithLayersInGzip() throws Exception {
        StoredImage image = imported("registry.test/app:1", "lower", "upper");
        push("registry.test/app:1");
        assertEquals("application/vnd.docker.distribution.manifest.v2+json", registry.manifests.get("1").descriptor().mediaType());
        Manifest.Image manifest = (Manifest.Image) Manifest.read(pushed("1"));
        assertEquals(image.id(), manifest.config().digest());
        List<String> layers = new ArrayList<>();
        for (Descriptor layer : manifest.layers()) {
            assertEquals("application/vnd.docker.image.rootfs.diff.tar.gzip", layer.mediaType());
            layers.add(unzipped(registry.blobs.get(layer.digest())));
        }
        assertEquals(List.of("lower", "upper"), layers);
        assertEquals(List.of("IMPORT " + image.id(), "PUSH registry.test/app:1"), events.subList(1, 3));
        assertEquals(image.id(), images.names().get(ImageReference.parse("registry.test/app@" + Digest.of(pushed("1")))));
    }

    private static String unzipped(byte[] gzip) throws IOException {
        return new String(new GZIPInputStream(new ByteArrayInputStream(gzip)).readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void aSecondPushAlsoOfALaterDaemonSendsNothingAndCompressesNothing() throws Exception {
        imported("registry.test/app:1", "lower", "upper");
        push("registry.test/app:1");
        byte[] first = pushed("1");
        registry.done.clear();
        told.clear();
        Images later = Images.open(files, ROOT.resolve("images.journal"), blobs, (needed, diffIds) -> List.of(), image -> List.of(),
                (action, image, name, labels) -> { });
        new Push(registry, blobs, later, TransferSettings.DEFAULT).push(ImageReference.parse("registry.test/app:1"), Optional.empty(),
                Credentials.ANONYMOUS, progress);
        assertEquals(List.of("manifest 1"), registry.done);
        assertArrayEquals(first, pushed("1"));
        assertEquals(List.of("begins registry.test/app", "PREPARING " + Digest.of(bytes("upper")), "PREPARING " + Digest.of(bytes("lower"))),
                told.subList(0, 3));
        assertEquals(Set.of("ALREADY_THERE " + Digest.of(bytes("upper")), "ALREADY_THERE " + Digest.of(bytes("lower"))), Set.copyOf(told.subList(3, 5)));
    }

    @Test
    void anImageOnTopOfAPushedOneSendsItsOwnLayerAlone() throws Exception {
        imported("registry.test/app:1", "lower");
        push("registry.test/app:1");
        registry.done.clear();
        imported("registry.test/app:2", "lower", "upper");
        push("registry.test/app:2");
        assertEquals(2, registry.uploads().size(), "its layer and its configuration: " + registry.done);
        assertEquals(((Manifest.Image) Manifest.read(pushed("1"))).layers().getFirst(), ((Manifest.Image) Manifest.read(pushed("2"))).layers().getFirst());
    }

    @Test
    void anIndexOfWhichAllIsHereGoesByteForByteAfterWhatItNames() throws Exception {
        StoredImage image = indexed("registry.test/app:1", true);
        push("registry.test/app:1");
        assertEquals(image.index().orElseThrow(), Digest.of(pushed("1")));
        assertEquals("application/vnd.oci.image.index.v1+json", registry.manifests.get("1").descriptor().mediaType());
        assertEquals(4, registry.uploads().size());
        List<String> documents = registry.done.subList(4, 7);
        assertEquals("manifest " + image.manifest().orElseThrow(), documents.getFirst());
        assertEquals("manifest 1", documents.getLast());
    }

    @Test
    void ofAnIndexWithMissingPartsTheImageGoesAlone() throws Exception {
        StoredImage image = indexed("registry.test/app:1", false);
        push("registry.test/app:1");
        assertEquals(image.manifest().orElseThrow(), Digest.of(pushed("1")));
        assertEquals("WITHOUT " + image.index().orElseThrow(), told.get(1));
        assertTrue(images.names().containsKey(ImageReference.parse("registry.test/app@" + image.manifest().get())));
    }

    @Test
    void whatTheIndexNamesMayBeInTheRegistryAlone() throws Exception {
        StoredImage image = indexed("registry.test/app:1", false);
        byte[] other = bytes(manifest("arm64"));
        registry.putManifest("other", ImageTree.document(other, "application/vnd.oci.image.manifest.v1+json"));
        push("registry.test/app:1");
        assertEquals(image.index().orElseThrow(), Digest.of(pushed("1")));
    }

    @Test
    void aPlatformSelectsOneImageOfTheIndex() throws Exception {
        StoredImage image = indexed("registry.test/app:1", true);
        push.push(ImageReference.parse("registry.test/app:1"), Optional.of(Platform.parse("linux/arm64")), Credentials.ANONYMOUS, progress);
        assertEquals(Digest.of(bytes(manifest("arm64"))), Digest.of(pushed("1")));
        push.push(ImageReference.parse("registry.test/app:1"), Optional.of(Platform.parse("linux/amd64")), Credentials.ANONYMOUS, progress);
        assertEquals(image.manifest().orElseThrow(), Digest.of(pushed("1")));
        StoreException none = assertThrows(StoreException.class, () -> push.push(ImageReference.parse("registry.test/app:1"),
                Optional.of(Platform.parse("linux/s390x")), Credentials.ANONYMOUS, progress));
        assertEquals("image with reference registry.test/app:1 was found but its platform (linux/amd64) does not match the specified platform (linux/s390x)",
                none.getMessage());
    }

    @Test
    void whatAnotherRepositoryOfTheRegistryHasIsMounted() throws Exception {
        StoredImage image = indexed("registry.test/app:1", true);
        images.add(image, List.of(ImageReference.parse("registry.test/source@" + image.manifest().orElseThrow()),
                ImageReference.parse("elsewhere.test/far@" + image.manifest().get())), Action.TAG);
        Digest layer = image.layers().getFirst().blob();
        registry.others.put("source", Set.of(layer));
        registry.others.put("far", Set.of(image.id()));
        push("registry.test/app:1");
        assertTrue(registry.done.contains("mount " + layer + " source"), registry.done.toString());
        assertTrue(told.contains("MOUNTED " + image.diffIds().getFirst() + " source"), told.toString());
        assertTrue(registry.done.contains("upload " + image.id()));
    }

    @Test
    void aBlobThatIsNotHereHasToBeThere() throws Exception {
        StoredImage image = indexed("registry.test/app:1", true);
        Digest layer = image.layers().getFirst().blob();
        byte[] content = blobs.read(layer).readAllBytes();
        files.delete(blobs.path(layer));
        StoreException refused = assertThrows(StoreException.class, () -> push("registry.test/app:1"));
        assertEquals("push registry.test/app: the blob " + layer + " is neither in the store nor in the registry; pull its image again", refused.getMessage());
        assertFalse(registry.manifests.containsKey("1"));
        registry.blobs.put(layer, content);
        push("registry.test/app:1");
        assertEquals(image.index().orElseThrow(), Digest.of(pushed("1")));
    }

    @Test
    void layersLeaveAtTheSameTimeAndNotMoreThanAreAllowed() throws Exception {
        imported("registry.test/app:1", "a", "b", "c", "d", "e");
        push("registry.test/app:1");
        registry.blobs.clear();
        CountDownLatch oneWaits = new CountDownLatch(1);
        CyclicBarrier together = new CyclicBarrier(UPLOADS);
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        registry.uploading = blob -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            try {
                together.await(10, TimeUnit.SECONDS);
                assertTrue(oneWaits.await(10, TimeUnit.SECONDS), "nobody waits");
            } catch (Exception alone) {
                throw new IllegalStateException("the uploads do not run at the same time", alone);
            } finally {
                now.decrementAndGet();
            }
        };
        List<String> lines = new CopyOnWriteArrayList<>() {
            @Override
            public boolean add(String line) {
                if (line.startsWith("WAITING ")) {
                    oneWaits.countDown();
                }
                return super.add(line);
            }
        };
        push.push(ImageReference.parse("registry.test/app:1"), Optional.empty(), Credentials.ANONYMOUS, new RecordedPush(lines));
        assertEquals(UPLOADS, most.get());
    }

    @Test
    void twoPushesOfTheSameBlobUploadItOnce() throws Exception {
        imported("registry.test/app:1", "a");
        imported("registry.test/app:2", "a");
        CountDownLatch second = new CountDownLatch(1);
        registry.uploading = blob -> {
            try {
                assertTrue(second.await(10, TimeUnit.SECONDS));
            } catch (InterruptedException cancelled) {
                throw new IllegalStateException(cancelled);
            }
        };
        Thread other = Thread.ofVirtual().start(() -> {
            try {
                push("registry.test/app:2");
            } catch (InterruptedException cancelled) {
                throw new IllegalStateException(cancelled);
            }
        });
        Thread.ofPlatform().start(() -> {
            while (told.stream().filter(line -> line.startsWith("PREPARING ")).count() < 2) {
                Thread.onSpinWait();
            }
            second.countDown();
        });
        push("registry.test/app:1");
        other.join();
        assertEquals(2, registry.uploads().size(), "the layer and the configuration that both have: " + registry.done);
        assertTrue(registry.manifests.containsKey("1") && registry.manifests.containsKey("2"));
    }

    @Test
    void aFailureInTheMiddleEndsTheOthersAndGivesNoTag() {
        StoredImage image = imported("registry.test/app:1", "a", "b", "c");
        CountDownLatch forever = new CountDownLatch(1);
        AtomicInteger order = new AtomicInteger();
        AtomicInteger interrupted = new AtomicInteger();
        CountDownLatch oneWaits = new CountDownLatch(1);
        registry.uploading = blob -> {
            try {
                if (order.getAndIncrement() == 0) {
                    oneWaits.countDown();
                    forever.await();
                }
                oneWaits.await();
            } catch (InterruptedException ended) {
                interrupted.incrementAndGet();
                throw new IllegalStateException(ended);
            }
            throw new RegistryException(Kind.DENIED, "denied: requested access to the resource is denied");
        };
        assertEquals("denied: requested access to the resource is denied",
                assertThrows(RegistryException.class, () -> push("registry.test/app:1")).getMessage());
        assertTrue(interrupted.get() >= 1);
        assertTrue(registry.manifests.isEmpty());
        assertEquals(Set.of(), blobs.leased());
        assertFalse(events.contains("PUSH registry.test/app:1"));
        assertTrue(images.resolve("registry.test/app:1").equals(image) || images.resolve("registry.test/app:1").manifest().isPresent());
    }

    @Test
    void whoeverIsInterruptedPushesNoFurther() throws Exception {
        imported("registry.test/app:1", "a");
        CountDownLatch uploading = new CountDownLatch(1);
        registry.uploading = blob -> {
            uploading.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException cancelled) {
                throw new IllegalStateException(cancelled);
            }
        };
        AtomicReference<Throwable> end = new AtomicReference<>();
        Thread client = Thread.ofPlatform().start(() -> {
            try {
                push("registry.test/app:1");
            } catch (Throwable failure) {
                end.set(failure);
            }
        });
        uploading.await();
        client.interrupt();
        client.join();
        assertEquals(InterruptedException.class, end.get().getClass());
        assertTrue(registry.done.isEmpty());
        assertEquals(Set.of(), blobs.leased());
    }

    @Test
    void aLayerThatIsDamagedInTheStoreIsNotPushed() {
        StoredImage image = imported("registry.test/app:1", "a", "b");
        try (DurableFiles.OpenFile file = files.open(blobs.path(image.diffIds().getFirst()))) {
            file.write(0, ByteBuffer.wrap(bytes("x")));
        }
        StoreException damaged = assertThrows(StoreException.class, () -> push("registry.test/app:1"));
        assertEquals("push layer " + image.diffIds().getFirst() + ": its content in the store is damaged; load or pull its image again", damaged.getMessage());
    }

    @Test
    void withoutATagAllOfTheRepositoryGo() throws Exception {
        imported("registry.test/app:1", "a");
        imported("registry.test/app:2", "b");
        imported("registry.test/application:3", "c");
        push("registry.test/app");
        assertEquals(Set.of("1", "2"), Set.copyOf(registry.manifests.keySet().stream().filter(name -> !name.startsWith("sha256:")).toList()));
    }

    @Test
    void whatIsNotHereIsRefusedInTheReferencesWords() {
        imported("registry.test/app:1", "a");
        assertEquals("An image does not exist locally with the tag: registry.test/none", refusal("registry.test/none:1"));
        assertEquals("tag does not exist: registry.test/app:2", refusal("registry.test/app:2"));
        assertEquals("cannot push a digest reference", refusal("registry.test/app@" + Digest.of(new byte[0])));
    }

    private String refusal(String name) {
        return assertThrows(StoreException.class, () -> push(name)).getMessage();
    }
}
