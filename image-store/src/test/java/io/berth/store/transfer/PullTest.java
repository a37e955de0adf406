package io.berth.store.transfer;

import static io.berth.store.transfer.PullFixture.platform;
import static io.berth.store.transfer.PullFixture.tar;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import io.berth.store.content.Digest;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.image.Platform;
import io.berth.store.image.StoredImage;
import io.berth.store.layer.TarFixture;
import io.berth.store.registry.Credentials;
import io.berth.store.registry.RegistryException;
import io.berth.store.transfer.PullFixture.Layer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which images are pulled, what they are made of and what they are called then. */
class PullTest {

    private final PullFixture fixture = new PullFixture();
    private final FakeRepository repository = fixture.repository;

    @AfterEach
    void remove() {
        fixture.close();
    }

    private List<String> names(StoredImage image) {
        return fixture.images.namesOf(image.id()).stream().map(ImageReference::familiar).toList();
    }

    @Test
    void anImageIsPulledWithEverythingThatBelongsToItAndToldInOrder() throws InterruptedException {
        Layer base = fixture.gzip(tar("a", "base"));
        Digest manifest = fixture.image(base, fixture.gzip(tar("a", "above")));
        StoredImage image = fixture.pull();
        assertEquals("above", fixture.content(image, "a"));
        assertEquals(List.of("registry.test/app:1", "registry.test/app@" + manifest), names(image));
        assertEquals(Optional.of(manifest), image.manifest());
        assertEquals(List.of("begins registry.test/app:1", "PENDING", "PENDING"), fixture.told.subList(0, 3));
        assertEquals(List.of("arrived", "ends " + manifest), fixture.told.subList(fixture.told.size() - 2, fixture.told.size()));
        List<String> steps = new ArrayList<>(fixture.told.subList(3, fixture.told.size() - 2));
        Collections.sort(steps);
        assertEquals(List.of("COMPLETE", "COMPLETE", "DOWNLOADED", "DOWNLOADED", "DOWNLOADING", "DOWNLOADING", "VERIFYING", "VERIFYING"), steps);
        assertEquals(List.of("PULL registry.test/app:1"), fixture.events);
        assertEquals(1, repository.asked("GET " + base.blob().digest()));
    }

    @Test
    void whatIsHereCostsOneRequest() throws InterruptedException {
        fixture.image(fixture.gzip(tar("a", "x")));
        StoredImage image = fixture.pull();
        repository.requests.clear();
        assertEquals(image, fixture.pull());
        assertEquals(List.of("HEAD 1"), repository.requests);
        // Another tag of it is one request, too.
        repository.tags.put("2", repository.tags.get("1"));
        assertEquals(image.id(), fixture.pull("registry.test/app:2", Optional.empty()).id());
        assertEquals(List.of("HEAD 1", "HEAD 2"), repository.requests);
        assertEquals(List.of("PULL registry.test/app:1", "PULL registry.test/app:1", "PULL registry.test/app:2"), fixture.events);
    }

    /** One that comes, and one that was here. */
    @Test
    void anImageThatSomebodyRemovesAtOnceHasBeenPulledAllTheSame() throws InterruptedException {
        fixture.image(fixture.gzip(tar("a", "x")));
        PullProgress removed = fixture.progress(() -> fixture.images.remove("registry.test/app:1", true, true));
        assertEquals("amd64", pullApp(removed).platform().architecture());
        fixture.assertNothingIsLeft();
        pullApp(fixture.progress());
        repository.requests.clear();
        assertEquals("amd64", pullApp(removed).platform().architecture());
        assertEquals(List.of("HEAD 1"), repository.requests);
        fixture.assertNothingIsLeft();
    }

    private Pulled pullApp(PullProgress progress) throws InterruptedException {
        return fixture.pull.pull(ImageReference.parse("registry.test/app:1"), Optional.empty(), Credentials.ANONYMOUS, progress);
    }

    @Test
    void aNameIsNewerWhenItLeadsElsewhereThanBefore() throws InterruptedException {
        fixture.image(fixture.gzip(tar("a", "1")));
        assertTrue(newer());
        assertFalse(newer());
        fixture.image(fixture.gzip(tar("a", "2")));
        assertTrue(newer());
        assertEquals(2, fixture.images.list().size());
    }

    private boolean newer() throws InterruptedException {
        return fixture.pull.pull(ImageReference.parse("registry.test/app:1"), Optional.empty(), Credentials.ANONYMOUS, fixture.progress()).newer();
    }

    @Test
    void allTagsArePulledAndToldOfOnce() throws InterruptedException {
        fixture.image(fixture.gzip(tar("a", "1")));
        repository.tags.put("2", repository.tags.get("1"));
        Pulled pulled = fixture.pull.pullAll(ImageReference.parse("registry.test/app"), Optional.empty(), Credentials.ANONYMOUS, fixture.progress())
                .orElseThrow();
        assertTrue(pulled.newer());
        assertEquals(3, fixture.images.namesOf(pulled.image()).size());
        assertEquals(List.of("PULL registry.test/app"), fixture.events);
    }

    @Test
    void layersMayBeZstdPlainEmptyAndOccurSeveralTimes() throws InterruptedException {
        byte[] packed = tar("z", "zstd");
        byte[] plain = tar("p", "plain");
        Layer empty = fixture.gzip(new TarFixture().bytes());
        Layer zstd = new Layer(packed, repository.add(PullFixture.ZSTD, Zstd.compress(packed)));
        Layer tar = new Layer(plain, repository.add("application/vnd.docker.image.rootfs.diff.tar", plain));
        fixture.image(empty, zstd, empty, tar, zstd);
        StoredImage image = fixture.pull();
        assertEquals(5, image.layers().size());
        assertEquals("zstd", fixture.content(image, "z"));
        assertEquals("plain", fixture.content(image, "p"));
        assertEquals(1, repository.asked("GET " + zstd.blob().digest()));
    }

    @Test
    void anImageOfHundredAndTwentyLayersIsPulled() throws InterruptedException {
        Layer[] many = new Layer[120];
        for (int i = 0; i < many.length; i++) {
            many[i] = fixture.gzip(tar("f" + i, "content " + i));
        }
        fixture.image(many);
        StoredImage image = fixture.pull();
        assertEquals("content 0", fixture.content(image, "f0"));
        assertEquals("content 119", fixture.content(image, "f119"));
    }

    @Test
    void aLargeLayerComesByRangesOrAsAWholeWhereTheServerHasNone() throws InterruptedException {
        byte[] noise = new byte[36 << 20];
        new Random(1).nextBytes(noise);
        byte[] tar = new TarFixture().file("noise", noise).bytes();
        Layer layer = new Layer(tar, repository.add("application/vnd.oci.image.layer.v1.tar", tar));
        fixture.image(layer);
        StoredImage image = fixture.pull();
        assertEquals(noise.length, image.size());
        assertEquals(0, repository.asked("GET " + layer.blob().digest()));
        assertTrue(repository.requests.stream().filter(request -> request.startsWith("GET " + layer.blob().digest() + ' ')).count() >= 9);

        fixture.images.remove("registry.test/app:1", true, true);
        repository.ranges = false;
        fixture.pull();
        assertEquals(1, repository.asked("GET " + layer.blob().digest()));
    }

    @Test
    void anIndexLeadsToTheImageForTheWantedPlatform() throws InterruptedException {
        Layer shared = fixture.gzip(tar("shared", "s"));
        Digest amd = fixture.manifest("amd64", "", shared, fixture.gzip(tar("a", "amd64")));
        Digest arm = fixture.manifest("arm64", "v8", shared, fixture.gzip(tar("a", "arm64")));
        Digest arm7 = fixture.manifest("arm", "v7", shared, fixture.gzip(tar("a", "armv7")));
        Digest index = fixture.index(fixture.entry(arm7, platform("arm", "v7")), fixture.entry(amd, platform("amd64", "")), fixture.entry(arm, platform("arm64", "v8")));
        StoredImage chosen = fixture.pull("registry.test/app:1", Optional.of(new Platform("linux", "arm64", "")));
        assertEquals("arm64", fixture.content(chosen, "a"));
        assertEquals(Optional.of(index), chosen.index());
        assertEquals(List.of("registry.test/app:1", "registry.test/app@" + index), names(chosen));
        assertEquals("amd64", fixture.content(fixture.pull("registry.test/app:1", Optional.of(Platform.parse("x86_64"))), "a"));
        assertEquals("armv7", fixture.content(fixture.pull("registry.test/app:1", Optional.of(Platform.parse("linux/arm"))), "a"));
        assertEquals(1, repository.asked("GET " + shared.blob().digest()));
        // What is here already is found again through the index, without asking for it.
        repository.requests.clear();
        assertEquals("arm64", fixture.content(fixture.pull("registry.test/app:1", Optional.of(Platform.parse("linux/arm64/v8"))), "a"));
        assertEquals(List.of("HEAD 1"), repository.requests);
        RegistryException none = assertThrows(RegistryException.class, () -> fixture.pull("registry.test/app:1", Optional.of(Platform.parse("s390x"))));
        assertEquals("no matching manifest for linux/s390x in the manifest list entries", none.getMessage());
        assertEquals(RegistryException.Kind.NOT_FOUND, none.kind());
    }

    @Test
    void anIndexInTheIndexIsFollowed() throws InterruptedException {
        Digest image = fixture.manifest("amd64", "", fixture.gzip(tar("a", "inner")));
        Digest inner = fixture.index(fixture.entry(image, platform("amd64", "")));
        Digest outer = fixture.index(fixture.entry(inner, ""));
        StoredImage pulled = fixture.pull("registry.test/app:1", Optional.of(new Platform("linux", "amd64", "")));
        assertEquals("inner", fixture.content(pulled, "a"));
        assertEquals(Optional.of(outer), pulled.index());
        assertTrue(pulled.attachments().containsAll(Set.of(outer, inner)));
    }

    @Test
    void attestationsAreKeptAndDamagedOnesAreLeftOut() throws InterruptedException {
        Digest image = fixture.manifest("amd64", "", fixture.gzip(tar("a", "x")));
        Descriptor statement = repository.add("application/vnd.in-toto+json", "{\"sound\":1}".getBytes(StandardCharsets.UTF_8));
        Descriptor broken = repository.add("application/vnd.in-toto+json", "{\"broken\":1}".getBytes(StandardCharsets.UTF_8));
        repository.instead.put(broken.digest(), "something else".getBytes(StandardCharsets.UTF_8));
        Descriptor config = fixture.config("unknown", "");
        Digest sound = fixture.manifest(config, List.of(statement));
        Digest damaged = fixture.manifest(config, List.of(broken));
        String about = "\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"},\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\","
                + "\"vnd.docker.reference.digest\":\"" + image + "\"}";
        Digest index = fixture.index(fixture.entry(image, platform("amd64", "")), fixture.entry(damaged, about), fixture.entry(sound, about));
        StoredImage pulled = fixture.pull();
        assertEquals(Set.of(index, sound, statement.digest(), config.digest()), pulled.attachments());
        assertTrue(fixture.blobs.has(statement.digest()));
        assertFalse(fixture.blobs.has(damaged));
        repository.requests.clear();
        fixture.pull();
        assertEquals(List.of("HEAD 1"), repository.requests);
    }

    @Test
    void anImageThatCameByTwoManifestsIsFoundByBoth() throws InterruptedException {
        byte[] tar = tar("a", "x");
        Layer gzip = fixture.gzip(tar);
        Layer zstd = new Layer(tar, repository.add(PullFixture.ZSTD, Zstd.compress(tar)));
        Descriptor config = fixture.config("amd64", "", gzip);
        Digest first = fixture.manifest(config, List.of(gzip.blob()));
        Digest second = fixture.manifest(config, List.of(zstd.blob()));
        String byFirst = "registry.test/app@" + first;
        String bySecond = "registry.test/app@" + second;
        StoredImage image = fixture.pull(byFirst, Optional.empty());
        assertEquals(image.id(), fixture.pull(bySecond, Optional.empty()).id());
        assertEquals(image.id(), fixture.images.resolve(byFirst).id());
        assertEquals(image.id(), fixture.images.resolve(bySecond).id());
        assertTrue(fixture.blobs.has(first) && fixture.blobs.has(second));
        repository.requests.clear();
        fixture.pull(byFirst, Optional.empty());
        fixture.pull(bySecond, Optional.empty());
        assertEquals(List.of("HEAD " + first, "HEAD " + second), repository.requests);
    }

    @Test
    void aLayerWhoseBlobIsMissingAndABlobWhoseLayerIsMissingAreMadeWhole() throws InterruptedException {
        Layer layer = fixture.gzip(tar("a", "x"));
        fixture.image(layer);
        StoredImage image = fixture.pull();
        fixture.files.delete(fixture.blobs.path(layer.blob().digest()));
        fixture.pull();
        assertTrue(fixture.blobs.has(layer.blob().digest()));
        assertEquals(2, repository.asked("GET " + layer.blob().digest()));

        fixture.layers.removeUnless(Set.of(), image.diffIds());
        fixture.images.remove("registry.test/app:1", true, true);
        try (var lease = fixture.blobs.lease()) {
            fixture.blobs.put(repository.blobs.get(layer.blob().digest()), lease);
        }
        assertEquals("x", fixture.content(fixture.pull(), "a"));
        assertEquals(2, repository.asked("GET " + layer.blob().digest()));
    }

    @Test
    void aDocumentThatIsDamagedHereComesAnew() throws Exception {
        Digest manifest = fixture.image(fixture.gzip(tar("a", "x")));
        fixture.pull();
        java.nio.file.Files.writeString(fixture.blobs.path(manifest), "{}");
        fixture.pull();
        assertEquals(manifest, Digest.of(fixture.blobs.readDocument(manifest)));
    }
}
