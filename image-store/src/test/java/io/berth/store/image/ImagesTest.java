package io.berth.store.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Lease;
import io.berth.store.content.StoreException;
import io.berth.store.durable.ForgetfulFiles;
import io.berth.store.image.ImageEvents.Action;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Rules and texts of removal as the reference engine 28.5 has them. */
class ImagesTest {

    private static final Path ROOT = Path.of("/data");

    private final ForgetfulFiles files = new ForgetfulFiles();
    private final BlobStore blobs = BlobStore.open(files, ROOT);
    private final List<ImageUsers.User> users = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private Images images = open();

    private Images open() {
        return Images.open(files, ROOT.resolve("images.journal"), blobs,
                (needed, diffIds) -> diffIds.stream().filter(diffId -> !needed.contains(diffId)).distinct().toList(),
                image -> users, (action, image, name) -> events.add(action + " " + name));
    }

    private StoredImage add(String content, String... names) {
        try (Lease lease = blobs.lease()) {
            Digest layer = blobs.put(("layer of " + content).getBytes(StandardCharsets.UTF_8), lease);
            Digest id = blobs.put(("{\"os\": \"" + content + "\"}").getBytes(StandardCharsets.UTF_8), lease);
            StoredImage image = new StoredImage(id, Optional.empty(), List.of(new StoredImage.Layer(layer, layer, 10)));
            images.add(image, Arrays.stream(names).map(ImageReference::parse).toList(), Action.LOAD);
            return image;
        }
    }

    private String refusal(Runnable action, StoreException.Kind kind) {
        StoreException refused = assertThrows(StoreException.class, action::run);
        assertEquals(kind, refused.kind());
        return refused.getMessage();
    }

    @Test
    void anImageIsFoundByNameIdAndBeginningOfItsId() {
        StoredImage image = add("a", "app:1");
        String hex = image.id().hex();
        for (String text : List.of("app:1", "docker.io/library/app:1", hex, "sha256:" + hex, hex.substring(0, 3),
                "sha256:" + hex.substring(0, 5))) {
            assertEquals(image, images.resolve(text), text);
        }
        assertEquals("a", images.config(image.id()).os());
        assertEquals("No such image: app:latest", refusal(() -> images.resolve("app"), StoreException.Kind.NOT_FOUND));
        assertEquals("No such image: sha256:" + "0".repeat(64),
                refusal(() -> images.resolve("sha256:" + "0".repeat(64)), StoreException.Kind.NOT_FOUND));
        assertEquals("invalid reference format", refusal(() -> images.resolve("a b"), StoreException.Kind.INVALID));
    }

    @Test
    void aBeginningThatFitsSeveralImagesFindsNone() {
        List<StoredImage> many = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            many.add(add("image " + i));
        }
        String twice = many.stream().map(image -> image.id().hex().substring(0, 1))
                .filter(digit -> many.stream().filter(image -> image.id().hex().startsWith(digit)).count() > 1).findFirst()
                .orElseThrow();
        assertEquals("No such image: " + twice + ":latest", refusal(() -> images.resolve(twice), StoreException.Kind.NOT_FOUND));
    }

    @Test
    void aNameMovesToTheImageThatGotItLast() {
        StoredImage first = add("a", "app");
        StoredImage second = add("b", "app");
        assertEquals(second, images.resolve("app"));
        assertEquals(List.of(), images.namesOf(first.id()));
        images.tag(first.id().shortHex(), ImageReference.parse("other"));
        assertEquals("other:latest", images.namesOf(first.id()).getFirst().familiar());
        assertEquals("refusing to create a tag with a digest reference", refusal(() -> images.tag("app",
                ImageReference.parse("x@" + first.id())), StoreException.Kind.INVALID));
    }

    @Test
    void theLastNameTakesTheImageAndItsContentAlong() {
        StoredImage image = add("a", "app:1", "app:2");
        assertEquals(List.of(new Removed.Untagged("app:1")), images.remove("app:1", false));
        assertEquals(List.of(new Removed.Untagged("app:2"), new Removed.Deleted(image.id()),
                new Removed.Deleted(image.layers().getFirst().diffId())), images.remove("app:2", false));
        assertEquals(List.of(), blobs.list());
        String id = image.id().toString();
        assertEquals(List.of("TAG app:1", "TAG app:2", "LOAD " + id, "UNTAG " + id, "UNTAG " + id, "DELETE " + id), events);
    }

    @Test
    void whatAnotherImageStandsOnStays() {
        StoredImage image = add("a", "app");
        StoredImage above = new StoredImage(add("b", "other").id(), Optional.empty(), image.layers());
        images.add(above, List.of(), Action.LOAD);
        images.remove("app", false);
        assertTrue(blobs.has(image.layers().getFirst().blob()));
        assertFalse(blobs.has(image.id()));
    }

    @Test
    void aContainerHoldsTheImageOfItsLastName() {
        StoredImage image = add("a", "app");
        users.add(new ImageUsers.User("0123456789abcdef", false));
        assertEquals("conflict: unable to remove repository reference \"app\" (must force) - container 0123456789ab is using its"
                + " referenced image " + image.id().shortHex(),
                refusal(() -> images.remove("app", false), StoreException.Kind.CONFLICT));
        String id = image.id().shortHex();
        assertEquals("conflict: unable to delete " + id + " (must be forced) - image is being used by stopped container 0123456789ab",
                refusal(() -> images.remove(id, false), StoreException.Kind.CONFLICT));
        images.tag("app", ImageReference.parse("more"));
        assertEquals("conflict: unable to delete " + id + " (must be forced) - image is referenced in multiple repositories",
                refusal(() -> images.remove(id, false), StoreException.Kind.CONFLICT));
    }

    @Test
    void severalRepositoriesHoldAnImageAgainstItsIdAlone() {
        StoredImage image = add("a", "app", "more");
        String id = image.id().shortHex();
        assertEquals("conflict: unable to delete " + id + " (must be forced) - image is referenced in multiple repositories",
                refusal(() -> images.remove(id, false), StoreException.Kind.CONFLICT));
        assertEquals(4, images.remove(id, true).size());
    }

    @Test
    void aRunningContainerHoldsAgainstForce() {
        StoredImage image = add("a", "app");
        users.add(new ImageUsers.User("0123456789abcdef", true));
        String id = image.id().shortHex();
        assertEquals("conflict: unable to delete " + id + " (cannot be forced) - image is being used by running container 0123456789ab",
                refusal(() -> images.remove(id, true), StoreException.Kind.CONFLICT));
        assertEquals(List.of(new Removed.Untagged("app:latest")), images.remove("app", true));
        assertEquals(image, images.resolve(id));
    }

    @Test
    void aForcedRemovalLeavesAStoppedContainerItsContentUntilItGoes() {
        StoredImage image = add("a", "app");
        users.add(new ImageUsers.User("0123456789abcdef", false));
        assertEquals(List.of(new Removed.Untagged("app:latest"), new Removed.Deleted(image.id())), images.remove("app", true));
        assertEquals(List.of(), images.list());
        images.close();
        images = open();
        assertEquals(Optional.of(image), images.ofContainer(image.id()));
        assertTrue(blobs.has(image.id()));
        images.dropRetired();
        assertTrue(blobs.has(image.id()));
        users.clear();
        images.dropRetired();
        assertEquals(List.of(), blobs.list());
        assertEquals(Optional.empty(), images.ofContainer(image.id()));
    }

    @Test
    void historyIsToldFromTheNewestStepWithTheSizesOfItsLayers() {
        StoredImage one = add("a");
        try (Lease lease = blobs.lease()) {
            Digest id = blobs.put(("{\"history\": [{\"created_by\": \"ADD x\"}, {\"created_by\": \"CMD y\", \"empty_layer\": true}]}")
                    .getBytes(StandardCharsets.UTF_8), lease);
            StoredImage image = new StoredImage(id, Optional.empty(), one.layers());
            images.add(image, List.of(), Action.LOAD);
            assertEquals(List.of("CMD y 0", "ADD x 10"), images.history(image).stream()
                    .map(line -> line.step().createdBy() + " " + line.size()).toList());
        }
    }

    @Test
    void everythingIsThereAgainAfterReopeningAlsoWhenTheJournalWasCompacted() {
        StoredImage image = add("a", "app");
        for (int i = 0; i < 2000; i++) {
            images.tag("app", ImageReference.parse("name:" + i % 5));
        }
        assertTrue(files.list(ROOT).contains("images.journal"));
        images.close();
        images = open();
        assertEquals(List.of(image), images.list());
        assertEquals(6, images.names().size());
    }
}
