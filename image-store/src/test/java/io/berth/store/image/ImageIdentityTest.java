package io.berth.store.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Lease;
import io.berth.store.content.StoreException;
import io.berth.store.durable.ForgetfulFiles;
import io.berth.store.image.ImageEvents.Action;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every digest of an image is a name of it. */
class ImageIdentityTest {

    private static final Path ROOT = Path.of("/data");
    private static final Digest INDEX = digest("index");
    private static final Digest SERVED = digest("served");

    private final ForgetfulFiles files = new ForgetfulFiles();
    private final BlobStore blobs = BlobStore.open(files, ROOT);
    private final Images images = Images.open(files, ROOT.resolve("images.journal"), blobs, (needed, diffIds) -> List.of(), image -> List.of(),
            (action, image, name, labels) -> { });

    private static Digest digest(String content) {
        return Digest.of(content.getBytes(StandardCharsets.UTF_8));
    }

    private StoredImage add(String content, Optional<Digest> index, String... names) {
        try (Lease lease = blobs.lease()) {
            Digest id = blobs.put(("{\"author\": \"" + content + "\"}").getBytes(StandardCharsets.UTF_8), lease);
            StoredImage image = new StoredImage(id, Optional.of(digest("manifest of " + content)), index, List.of(), Set.of());
            images.add(image, Stream.of(names).map(ImageReference::parse).toList(), Action.LOAD);
            return image;
        }
    }

    private static List<Digest> all(StoredImage image) {
        return Stream.concat(image.digests().stream(), Stream.of(SERVED)).toList();
    }

    @Test
    void everyDigestLeadsToTheImageAndSoDoesItsBeginning() {
        StoredImage image = add("a", Optional.of(INDEX), "app:1", "app@" + SERVED);
        add("b", Optional.empty(), "app:2");
        for (Digest digest : all(image)) {
            for (String text : List.of(digest.toString(), digest.hex(), digest.hex().substring(0, 12), "sha256:" + digest.hex().substring(0, 20),
                    "app@" + digest, "app:whatever@" + digest, "docker.io/library/app@" + digest)) {
                assertEquals(image.id(), images.resolve(text).id(), text);
            }
            assertThrows(StoreException.class, () -> images.resolve("other@" + digest));
        }
    }

    @Test
    void ofTheImagesOfOneIndexTheOneWithItsNamesIsMeant() {
        IntStream.range(0, 8).forEach(number -> add("platform " + number, Optional.of(INDEX)));
        StoredImage named = add("named", Optional.of(INDEX), "app:1");
        for (String text : List.of(INDEX.toString(), INDEX.hex(), INDEX.hex().substring(0, 12), "app@" + INDEX)) {
            assertEquals(named.id(), images.resolve(text).id(), text);
        }
    }

    @Test
    void beginningThatFitsDigestsOfTwoImagesLeadsToNone() {
        List<StoredImage> many = IntStream.range(0, 20).mapToObj(number -> add("image " + number, Optional.empty())).toList();
        String ofManifest = many.stream().map(image -> image.manifest().orElseThrow().hex().substring(0, 1))
                .filter(digit -> many.stream().filter(image -> image.digests().stream().anyMatch(one -> one.hex().startsWith(digit))).count() > 1)
                .findFirst().orElseThrow();
        assertEquals("No such image: " + ofManifest + ":latest", assertThrows(StoreException.class, () -> images.resolve(ofManifest)).getMessage());
    }

    @Test
    void anyDigestRemovesAsTheIdDoes() {
        for (int which = 0; which < 4; which++) {
            StoredImage image = add("a", Optional.of(INDEX), "app:1", "app@" + SERVED);
            List<Removed> removed = images.remove(all(image).get(which).hex().substring(0, 16), false, true);
            assertEquals(List.of(new Removed.Untagged("app:1"), new Removed.Untagged("app@" + SERVED), new Removed.Deleted(image.id())), removed);
            assertEquals(List.of(), images.list());
        }
    }

    @Test
    void severalRepositoriesHoldAnImageAgainstAnyDigestAlone() {
        StoredImage image = add("a", Optional.of(INDEX), "app:1", "other:1");
        for (Digest digest : image.digests()) {
            assertEquals("conflict: unable to delete " + image.id().shortHex() + " (must be forced) - image is referenced in multiple repositories",
                    assertThrows(StoreException.class, () -> images.remove(digest.toString(), false, true)).getMessage());
        }
    }

    @Test
    void repositoryWithADigestOfItsImageRemovesTheNamesInThatRepository() {
        StoredImage image = add("a", Optional.of(INDEX), "app:1", "app:2", "other:1");
        assertEquals(List.of(new Removed.Untagged("app:1"), new Removed.Untagged("app:2")), images.remove("app@" + INDEX, false, true));
        assertEquals(List.of(new Removed.Untagged("other:1"), new Removed.Deleted(image.id())), images.remove("other@" + image.id(), false, true));
    }

    @Test
    void repositoryDigestThatWasServedGoesAlone() {
        StoredImage image = add("a", Optional.of(INDEX), "app:1", "app@" + SERVED);
        assertEquals(List.of(new Removed.Untagged("app@" + SERVED)), images.remove("app@" + SERVED, false, true));
        assertEquals(image.id(), images.resolve("app:1").id());
    }
}
