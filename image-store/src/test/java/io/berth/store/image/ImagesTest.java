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
import java.time.Instant;
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
    /** Whose users they are; null for any image's. */
    private Digest usersOfOne;
    private final List<String> events = new ArrayList<>();
    private Images images = open();

    private Images open() {
        return Images.open(files, ROOT.resolve("images.journal"), blobs,
                (needed, diffIds) -> diffIds.stream().filter(diffId -> !needed.contains(diffId)).distinct().toList(),
                image -> usersOfOne == null || usersOfOne.equals(image) ? users : List.of(), (action, image, name, labels) -> events.add(action + " " + name));
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

    /** An image of its own layer above those of {@code parent}. */
    private StoredImage addChild(StoredImage parent, String content, String... names) {
        StoredImage alone = add(content);
        List<StoredImage.Layer> layers = new ArrayList<>(parent.layers());
        layers.addAll(alone.layers());
        StoredImage child = new StoredImage(alone.id(), Optional.empty(), layers);
        images.add(child, Optional.of(parent.id()), Arrays.stream(names).map(ImageReference::parse).toList(), Action.CREATE);
        return child;
    }

    private static Removed.Deleted deleted(StoredImage image) {
        return new Removed.Deleted(image.id());
    }

    private static List<Removed.Deleted> imagesAmong(List<Removed> removed, StoredImage... images) {
        List<Removed.Deleted> ids = Arrays.stream(images).map(ImagesTest::deleted).toList();
        return removed.stream().filter(ids::contains).map(Removed.Deleted.class::cast).toList();
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
        assertEquals(List.of(new Removed.Untagged("app:1")), images.remove("app:1", false, true));
        assertEquals(List.of(new Removed.Untagged("app:2"), new Removed.Deleted(image.id()),
                new Removed.Deleted(image.layers().getFirst().diffId())), images.remove("app:2", false, true));
        assertEquals(List.of(), blobs.list());
        String id = image.id().toString();
        assertEquals(List.of("LOAD " + id, "UNTAG " + id, "UNTAG " + id, "DELETE " + id), events);
    }

    @Test
    void whatAnotherImageStandsOnStays() {
        StoredImage image = add("a", "app");
        StoredImage above = new StoredImage(add("b", "other").id(), Optional.empty(), image.layers());
        images.add(above, List.of(), Action.LOAD);
        images.remove("app", false, true);
        assertTrue(blobs.has(image.layers().getFirst().blob()));
        assertFalse(blobs.has(image.id()));
    }

    @Test
    void aContainerHoldsTheImageOfItsLastName() {
        StoredImage image = add("a", "app");
        users.add(new ImageUsers.User("0123456789abcdef", false));
        assertEquals("conflict: unable to remove repository reference \"app\" (must force) - container 0123456789ab is using its"
                + " referenced image " + image.id().shortHex(),
                refusal(() -> images.remove("app", false, true), StoreException.Kind.CONFLICT));
        String id = image.id().shortHex();
        assertEquals("conflict: unable to delete " + id + " (must be forced) - image is being used by stopped container 0123456789ab",
                refusal(() -> images.remove(id, false, true), StoreException.Kind.CONFLICT));
        images.tag("app", ImageReference.parse("more"));
        assertEquals("conflict: unable to delete " + id + " (must be forced) - image is referenced in multiple repositories",
                refusal(() -> images.remove(id, false, true), StoreException.Kind.CONFLICT));
    }

    @Test
    void severalRepositoriesHoldAnImageAgainstItsIdAlone() {
        StoredImage image = add("a", "app", "more");
        String id = image.id().shortHex();
        assertEquals("conflict: unable to delete " + id + " (must be forced) - image is referenced in multiple repositories",
                refusal(() -> images.remove(id, false, true), StoreException.Kind.CONFLICT));
        assertEquals(4, images.remove(id, true, true).size());
    }

    @Test
    void aRunningContainerHoldsAgainstForce() {
        StoredImage image = add("a", "app");
        users.add(new ImageUsers.User("0123456789abcdef", true));
        String id = image.id().shortHex();
        assertEquals("conflict: unable to delete " + id + " (cannot be forced) - image is being used by running container 0123456789ab",
                refusal(() -> images.remove(id, true, true), StoreException.Kind.CONFLICT));
        assertEquals(List.of(new Removed.Untagged("app:latest")), images.remove("app", true, true));
        assertEquals(image, images.resolve(id));
    }

    @Test
    void aForcedRemovalLeavesAStoppedContainerItsContentUntilItGoes() {
        StoredImage image = add("a", "app");
        users.add(new ImageUsers.User("0123456789abcdef", false));
        assertEquals(List.of(new Removed.Untagged("app:latest"), new Removed.Deleted(image.id())), images.remove("app", true, true));
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
    void childrenHoldTheirParentAgainstForceAndItsLastNameGoesAlone() {
        StoredImage parent = add("a", "app");
        addChild(parent, "b", "child");
        String id = parent.id().shortHex();
        String held = "conflict: unable to delete " + id + " (cannot be forced) - image has dependent child images";
        for (boolean force : new boolean[] {false, true}) {
            assertEquals(held, refusal(() -> images.remove(id, force, true), StoreException.Kind.CONFLICT));
        }
        assertEquals(List.of(new Removed.Untagged("app:latest")), images.remove("app", false, true));
        assertEquals(parent, images.resolve(id));
    }

    @Test
    void imageTakesItsNamelessParentsAlongUnlessTheyAreToStay() {
        StoredImage base = add("a", "base");
        StoredImage first = addChild(base, "b");
        StoredImage second = addChild(first, "c");
        StoredImage third = addChild(second, "d", "third");
        assertEquals(List.of(deleted(third)), imagesAmong(images.remove("third", false, false), base, first, second, third));
        StoredImage fourth = addChild(second, "e");
        events.clear();
        List<Removed> removed = images.remove(fourth.id().hex(), false, true);
        assertEquals(List.of(deleted(fourth), deleted(second), deleted(first)), imagesAmong(removed, base, first, second, fourth));
        assertEquals(6, removed.size(), "each with its own layer: " + removed);
        assertEquals(new Removed.Deleted(ChainId.of(second.diffIds(), List.of(second.diffIds().getLast())).getFirst()), removed.get(3));
        assertEquals(List.of("DELETE " + fourth.id(), "DELETE " + second.id(), "DELETE " + first.id()), events);
        assertEquals(List.of(base), images.list());
        assertEquals(2, blobs.list().size());
    }

    @Test
    void parentWithAnotherChildOrAContainerStays() {
        StoredImage base = add("a");
        StoredImage first = addChild(base, "b");
        StoredImage second = addChild(base, "c");
        images.remove(first.id().hex(), false, true);
        assertEquals(Optional.of(base), images.parentOf(second.id()));
        usersOfOne = base.id();
        users.add(new ImageUsers.User("0123456789abcdef", false));
        images.remove(second.id().hex(), false, true);
        assertEquals(List.of(base), images.list());
        assertFalse(images.now().hasChildren(base.id()));
    }

    @Test
    void pruneTakesWhatNothingNeedsAtThatMoment() {
        StoredImage named = add("a", "app:1", "more:1");
        StoredImage child = addChild(named, "b");
        assertEquals(List.of(), images.prune(named.id(), true), "a child needs it");
        users.add(new ImageUsers.User("0123456789abcdef", false));
        assertEquals(List.of(), images.prune(child.id(), true), "a container needs it");
        users.clear();
        images.tag(child.id().hex(), ImageReference.parse("late"));
        assertEquals(List.of(), images.prune(child.id(), false), "somebody has tagged it meanwhile");
        images.remove("late", false, false);
        assertEquals(List.of(), images.prune(child.id(), false), "it is gone");
        assertEquals(List.of(new Removed.Untagged("app:1"), new Removed.Untagged("more:1"), deleted(named)),
                images.prune(named.id(), true).subList(0, 3));
        assertFalse(images.isKept(named.id()));
        assertEquals(List.of(), blobs.list());
    }

    @Test
    void whoLooksSeesOneMoment() {
        StoredImage one = add("a", "app");
        StoredImage two = add("b");
        ImagesNow before = images.now();
        images.tag(two.id().hex(), ImageReference.parse("app"));
        assertEquals(List.of(ImageReference.parse("app:latest")), before.namesOf(one.id()));
        assertEquals(List.of(), before.namesOf(two.id()));
        assertEquals(List.of(ImageReference.parse("app:latest")), images.now().namesOf(two.id()));
    }

    @Test
    void theTimeOfATagOutlivesTheJournalAndNamesFromArchivesHaveNone() {
        StoredImage image = add("a", "app");
        assertEquals(Optional.empty(), images.taggedAt(image.id()));
        images.tag("app", ImageReference.parse("more"));
        Optional<Instant> time = images.taggedAt(image.id());
        assertTrue(time.isPresent());
        images.close();
        images = open();
        assertEquals(time, images.taggedAt(image.id()));
        assertEquals("refusing to create an ambiguous tag using digest algorithm as name",
                refusal(() -> images.tag("app", ImageReference.parse("sha256:x")), StoreException.Kind.INVALID));
    }

    @Test
    void imageRemovedByForceHoldsItsParentNoMore() {
        StoredImage base = add("a");
        StoredImage child = addChild(base, "b");
        usersOfOne = child.id();
        users.add(new ImageUsers.User("0123456789abcdef", false));
        images.remove(child.id().hex(), true, true);
        assertEquals(List.of(), images.list());
        assertEquals(Optional.of(child), images.ofContainer(child.id()));
        assertTrue(blobs.has(base.layers().getFirst().blob()), "the container stands on it");
        StoredImage late = addChild(child, "c");
        assertEquals(Optional.empty(), images.parentOf(late.id()), "nobody can see what it was made from");
    }

    @Test
    void parentsAreKnownAgainAfterReopeningAlsoWhenTheJournalWasCompactedOrTheImageLoadedAgain() {
        StoredImage base = add("a", "app");
        StoredImage child = addChild(base, "b", "child:1");
        assertEquals(List.of("CREATE " + child.id(), "TAG child:1"), events.subList(events.size() - 2, events.size()));
        images.add(child, List.of(), Action.LOAD);
        for (int i = 0; i < 2000; i++) {
            images.tag("app", ImageReference.parse("name:" + i % 5));
        }
        images.close();
        images = open();
        assertEquals(Optional.of(base), images.parentOf(child.id()));
        assertEquals(Optional.empty(), images.parentOf(base.id()));
    }

    @Test
    void imageIsNotLinkedToWhatItDoesNotFollowNorInACircle() {
        StoredImage base = add("a");
        StoredImage child = add("b");
        images.link(child.id(), base.id());
        assertEquals("image " + child.id() + " is not a valid parent for " + base.id(),
                refusal(() -> images.link(base.id(), child.id()), StoreException.Kind.INVALID));
        try (Lease lease = blobs.lease()) {
            Digest id = blobs.put("{\"history\": [{\"created_by\": \"x\"}, {\"created_by\": \"y\"}]}".getBytes(StandardCharsets.UTF_8), lease);
            images.add(new StoredImage(id, Optional.empty(), List.of()), List.of(), Action.LOAD);
            assertEquals("image " + base.id() + " is not a valid parent for " + id,
                    refusal(() -> images.link(id, base.id()), StoreException.Kind.INVALID));
        }
    }

    @Test
    void historyIsToldFromTheNewestStepWithTheSizesOfItsLayers() {
        StoredImage one = add("a");
        try (Lease lease = blobs.lease()) {
            Digest id = blobs.put(("{\"history\": [{\"created_by\": \"ADD x\"}, {\"created_by\": \"CMD y\", \"empty_layer\": true}]}")
                    .getBytes(StandardCharsets.UTF_8), lease);
            StoredImage image = new StoredImage(id, Optional.empty(), one.layers());
            images.add(image, List.of(), Action.LOAD);
            assertEquals(List.of("CMD y 0", "ADD x 10"), ImageHistory.of(image, images.config(id)).stream()
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
