package io.berth.store.transfer;

import static io.berth.store.transfer.PullFixture.tar;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import io.berth.store.content.Digest;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.image.StoredImage;
import io.berth.store.layer.DiskReserve;
import io.berth.store.layer.TarFixture;
import io.berth.store.registry.Credentials;
import io.berth.store.registry.RegistryException;
import io.berth.store.transfer.PullFixture.Layer;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What registries and people do to a pull: nothing of it is left, and others go on. */
@Timeout(60)
class PullFaultTest {

    private PullFixture fixture = new PullFixture();

    @AfterEach
    void remove() {
        fixture.close();
    }

    private static byte[] noise(int size, long seed) {
        byte[] noise = new byte[size];
        new Random(seed).nextBytes(noise);
        return new TarFixture().file("noise-" + seed, noise).bytes();
    }

    private void assertRefused(String message) {
        RuntimeException refused = assertThrows(RuntimeException.class, fixture::pull);
        assertTrue(refused.getMessage().contains(message), refused.getMessage());
        assertTrue(refused instanceof StoreException || refused instanceof RegistryException, refused.toString());
        fixture.assertNothingIsLeft();
    }

    @Test
    void aLayerGoesOnWhereItsConnectionBroke() throws InterruptedException {
        Layer layer = fixture.gzip(noise(400_000, 1));
        fixture.image(layer);
        fixture.repository.breaks.put(layer.blob().digest(), 150_000);
        fixture.pull();
        String blob = "GET " + layer.blob().digest();
        assertEquals(List.of(blob, blob + " from 150000", blob + " from 300000"),
                fixture.repository.requests.stream().filter(request -> request.startsWith(blob)).toList());
    }

    @Test
    void aConnectionThatNeverBringsAnythingIsGivenUp() {
        Layer layer = fixture.gzip(noise(400_000, 1));
        fixture.image(layer);
        fixture.repository.breaks.put(layer.blob().digest(), 0);
        assertRefused("connection reset by peer");
    }

    @Test
    void whatIsNotWhatItHasToBeIsRefusedAndNothingIsLeftOfIt() {
        Layer good = fixture.gzip(tar("good", "x"));
        byte[] noTar = new byte[2000];
        Arrays.fill(noTar, (byte) 'x');
        Layer text = new Layer(noTar, fixture.repository.add(PullFixture.GZIP, TarFixture.gzip(noTar)));
        fixture.image(good, text);
        assertRefused("invalid tar header");

        Layer swapped = fixture.gzip(tar("a", "x"));
        fixture.repository.instead.put(swapped.blob().digest(), TarFixture.gzip(tar("a", "y")));
        fixture.image(good, swapped);
        assertRefused("filesystem layer verification failed for digest " + swapped.blob().digest());

        Layer cut = fixture.gzip(noise(100_000, 2));
        fixture.repository.instead.put(cut.blob().digest(), Arrays.copyOf(fixture.repository.blobs.get(cut.blob().digest()), 50_000));
        fixture.image(good, cut);
        assertRefused("filesystem layer verification failed");

        Layer other = new Layer(tar("b", "another"), swapped.blob());
        fixture.repository.instead.clear();
        fixture.image(good, other);
        assertRefused("is not what the image's configuration says");

        Descriptor config = fixture.config("amd64", "", good);
        fixture.repository.tags.put("1", fixture.manifest(config, List.of(good.blob(), good.blob())));
        assertRefused("the manifest has 2 layers and the configuration 1");
    }

    @Test
    void whatFollowsTheEndOfALayerIsPartOfItsBlobAndOfNothingElse() throws Exception {
        ByteArrayOutputStream blob = new ByteArrayOutputStream();
        byte[] tar = tar("a", "x");
        blob.write(TarFixture.gzip(tar));
        blob.write(new byte[100_000]);
        Layer layer = new Layer(tar, fixture.repository.add(PullFixture.GZIP, blob.toByteArray()));
        fixture.image(layer);
        assertEquals("x", fixture.content(fixture.pull(), "a"));
        assertEquals(blob.size(), fixture.blobs.size(layer.blob().digest()).orElseThrow());
    }

    @Test
    void layersThatAreElsewhereOrUnknownAndWhatIsNoImageAreRefused() {
        Layer good = fixture.gzip(tar("good", "x"));
        Descriptor config = fixture.config("amd64", "", good);
        for (String type : List.of("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip")) {
            fixture.repository.tags.put("1", fixture.manifest(config, List.of(typed(good.blob(), type))));
            assertRefused("is foreign (" + type + ")");
        }
        fixture.repository.tags.put("1", fixture.manifest(config, List.of(typed(good.blob(), "application/x-new"))));
        assertRefused("is of the type application/x-new, which is not supported");
        fixture.repository.tags.put("1", fixture.manifest(typed(config, "application/vnd.cncf.helm.config.v1+json"), List.of(good.blob())));
        assertRefused("this is no image of a container");
    }

    private static Descriptor typed(Descriptor descriptor, String type) {
        return new Descriptor(type, descriptor.digest(), descriptor.size(), Optional.empty(), Map.of());
    }

    @Test
    void aLayerThatWouldFillTheDiskIsStopped() {
        fixture.close();
        fixture = new PullFixture(new DiskReserve(Long.MAX_VALUE, 5));
        byte[] bomb = new TarFixture().file("zeros", new byte[70 << 20]).bytes();
        fixture.image(new Layer(bomb, fixture.repository.add(PullFixture.ZSTD, Zstd.compress(bomb))));
        assertRefused("no space left on device");
    }

    @Test
    void pullsOfTheSameAndOfOverlappingImagesDownloadEverythingOnce() throws Exception {
        Layer shared = fixture.gzip(noise(300_000, 1));
        List<Layer> own = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            own.add(fixture.gzip(noise(100_000, 10 + i)));
            fixture.repository.tags.put("t" + i, fixture.image(shared, own.get(i)));
        }
        try (ExecutorService pulls = Executors.newFixedThreadPool(24)) {
            List<Future<StoredImage>> coming = new ArrayList<>();
            for (int i = 0; i < 24; i++) {
                String name = "registry.test/app:t" + i % 6;
                coming.add(pulls.submit(() -> fixture.pull(name, Optional.empty())));
            }
            for (Future<StoredImage> image : coming) {
                assertEquals(2, image.get().layers().size());
            }
        }
        own.add(shared);
        own.forEach(layer -> assertEquals(1, fixture.repository.asked("GET " + layer.blob().digest())));
    }

    /** A repository whose blobs come to their middle and no further until they are let go. */
    private static final class Held extends FakeRepository {
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch letGo = new CountDownLatch(1);

        @Override
        InputStream stream(Digest blob, InputStream content, boolean breaks) {
            return new FilterInputStream(super.stream(blob, content, breaks)) {
                private int read;

                @Override
                public int read(byte[] into, int offset, int length) throws IOException {
                    int count = in.read(into, offset, length);
                    read += count;
                    if (read > 50_000) {
                        reached.countDown();
                        try {
                            letGo.await();
                        } catch (InterruptedException cancelled) {
                            Thread.currentThread().interrupt();
                            throw new InterruptedIOException();
                        }
                    }
                    return count;
                }
            };
        }
    }

    @Test
    void aPullThatIsCancelledLeavesNothingAndAnotherOfTheSameGoesOn() throws Exception {
        Held held = new Held();
        fixture.repository = held;
        Layer layer = fixture.gzip(noise(300_000, 1));
        fixture.image(layer);
        try (ExecutorService pulls = Executors.newCachedThreadPool()) {
            Future<StoredImage> first = pulls.submit(() -> fixture.pull());
            held.reached.await();
            first.cancel(true);
            Future<?> after = pulls.submit(() -> assertThrows(InterruptedException.class, () -> {
                Thread.currentThread().interrupt();
                fixture.pull();
            }));
            assertNotNull(after.get());

            Future<StoredImage> second = pulls.submit(() -> fixture.pull());
            Future<StoredImage> third = pulls.submit(() -> fixture.pull());
            held.letGo.countDown();
            assertEquals(second.get().id(), third.get().id());
        }
        assertEquals(1, fixture.images.list().size());
    }

    @Test
    void theSameLayerFromTwoBlobsIsUnpackedByWhoeverIsLeft() throws Exception {
        Held held = new Held();
        byte[] tar = noise(300_000, 1);
        fixture.repository = held;
        Layer gzip = fixture.gzip(tar);
        Layer zstd = new Layer(tar, held.add(PullFixture.ZSTD, Zstd.compress(tar)));
        held.tags.put("gzip", fixture.image(gzip));
        held.tags.put("zstd", fixture.image(zstd));
        try (ExecutorService pulls = Executors.newCachedThreadPool()) {
            Thread[] puller = new Thread[1];
            Future<?> cancelled = pulls.submit(() -> {
                puller[0] = Thread.currentThread();
                return fixture.pull("registry.test/app:gzip", Optional.empty());
            });
            held.reached.await();
            Future<StoredImage> other = pulls.submit(() -> fixture.pull("registry.test/app:zstd", Optional.empty()));
            puller[0].interrupt();
            ExecutionException ended = assertThrows(ExecutionException.class, cancelled::get);
            assertInstanceOf(InterruptedException.class, ended.getCause());
            held.letGo.countDown();
            assertEquals(zstd.blob().digest(), other.get().layers().getFirst().blob());
        }
        assertTrue(!fixture.blobs.has(gzip.blob().digest()));
    }

    @Test
    void aTagThatIsMissingIsToldBeforeAnythingElse() {
        RegistryException missing = assertThrows(RegistryException.class, () -> fixture.pull.pull(ImageReference.parse("registry.test/app:no"),
                Optional.empty(), Credentials.ANONYMOUS, fixture.progress()));
        assertEquals(RegistryException.Kind.NOT_FOUND, missing.kind());
        assertEquals(List.of(), fixture.told);
    }
}
