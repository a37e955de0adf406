package io.berth.store.image;

import io.berth.store.content.Digest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which images there are and what they are called, at one moment. Immutable; a change makes a new one.
 *
 * <p>A retired image is one that people have removed while a container still stands on it: it has no name, is not listed and
 * not found, and goes away with its last container.
 *
 * <p>An image that was made from another stands before it as its child: a parent is not removed while it has one.
 */
final class ImageIndex {

    static final ImageIndex EMPTY = new ImageIndex(Map.of(), Map.of(), Set.of(), Map.of(), Map.of());

    private final Map<Digest, StoredImage> images;
    private final Map<ImageReference, Digest> names;
    private final Set<Digest> retired;
    /** From child to parent; both are visible. */
    private final Map<Digest, Digest> parents;
    /** When an image was given a name by hand for the last time. */
    private final Map<Digest, Instant> tagged;

    private ImageIndex(Map<Digest, StoredImage> images, Map<ImageReference, Digest> names, Set<Digest> retired, Map<Digest, Digest> parents,
            Map<Digest, Instant> tagged) {
        this.images = images;
        this.names = names;
        this.retired = retired;
        this.parents = parents;
        this.tagged = tagged;
    }

    /** One change, as it is written to the journal too. */
    sealed interface Change {
        /** Makes an image visible; one that was retired is back. */
        record Add(StoredImage image) implements Change {}

        /** Remembers what an image was made from, until it is retired or removed. */
        record Parent(Digest image, Digest parent) implements Change {}

        /** Gives an image a name, which another may lose thereby. */
        record Name(ImageReference name, Digest image) implements Change {}

        /** Remembers when an image was given a name by hand. */
        record Tagged(Digest image, Instant when) implements Change {}

        record Unname(ImageReference name) implements Change {}

        record Retire(Digest image) implements Change {}

        record Remove(Digest image) implements Change {}
    }

    ImageIndex with(List<Change> changes) {
        Map<Digest, StoredImage> newImages = new TreeMap<>(images);
        Map<ImageReference, Digest> newNames = new TreeMap<>(names);
        Set<Digest> newRetired = new HashSet<>(retired);
        Map<Digest, Digest> newParents = new TreeMap<>(parents);
        Map<Digest, Instant> newTagged = new TreeMap<>(tagged);
        for (Change change : changes) {
            switch (change) {
                case Change.Add(StoredImage image) -> {
                    newImages.merge(image.id(), image, (before, after) -> after.arrivedAfter(before));
                    newRetired.remove(image.id());
                }
                case Change.Parent(Digest image, Digest parent) -> newParents.put(image, parent);
                case Change.Name(ImageReference name, Digest image) -> newNames.put(name, image);
                case Change.Tagged(Digest image, Instant when) -> newTagged.put(image, when);
                case Change.Unname(ImageReference name) -> newNames.remove(name);
                case Change.Retire(Digest image) -> {
                    newRetired.add(image);
                    newParents.remove(image);
                }
                case Change.Remove(Digest image) -> {
                    newImages.remove(image);
                    newParents.remove(image);
                    newRetired.remove(image);
                    newTagged.remove(image);
                }
            }
        }
        return new ImageIndex(newImages, newNames, newRetired, newParents, newTagged);
    }

    /** Changes that lead from nothing to this. */
    List<Change> asChanges() {
        List<Change> changes = new ArrayList<>();
        images.values().forEach(image -> changes.add(new Change.Add(image)));
        retired.forEach(image -> changes.add(new Change.Retire(image)));
        parents.forEach((image, parent) -> changes.add(new Change.Parent(image, parent)));
        names.forEach((name, image) -> changes.add(new Change.Name(name, image)));
        tagged.forEach((image, when) -> changes.add(new Change.Tagged(image, when)));
        return changes;
    }

    List<StoredImage> visible() {
        return images.values().stream().filter(image -> !retired.contains(image.id())).toList();
    }

    /** Also retired ones. */
    List<StoredImage> all() {
        return List.copyOf(images.values());
    }

    Optional<StoredImage> visible(Digest id) {
        return retired.contains(id) ? Optional.empty() : any(id);
    }

    /** Also a retired one. */
    Optional<StoredImage> any(Digest id) {
        return Optional.ofNullable(images.get(id));
    }

    Set<Digest> retired() {
        return Collections.unmodifiableSet(retired);
    }

    Optional<StoredImage> find(ImageReference name) {
        return Optional.ofNullable(names.get(name.key())).flatMap(this::visible);
    }

    /** An image, and all that were made from it or from one of those. */
    Set<Digest> madeFrom(Digest image) {
        return visible().stream().map(StoredImage::id).filter(id -> id.equals(image) || ancestorsOf(id).contains(image))
                .collect(Collectors.toSet());
    }

    /** The diff ids of some images. */
    Set<Digest> layersOf(Predicate<Digest> which) {
        return images.values().stream().filter(image -> which.test(image.id())).flatMap(image -> image.diffIds().stream())
                .collect(Collectors.toSet());
    }

    /** What an image was made from. */
    Optional<StoredImage> parentOf(Digest id) {
        return Optional.ofNullable(parents.get(id)).flatMap(this::visible);
    }

    /** Its parent, the parent of that, and so on. */
    List<Digest> ancestorsOf(Digest id) {
        return Stream.iterate(parents.get(id), Objects::nonNull, parents::get).toList();
    }

    /** The images made from this one. */
    List<Digest> childrenOf(Digest id) {
        return parents.entrySet().stream().filter(link -> link.getValue().equals(id)).map(Map.Entry::getKey).toList();
    }

    Map<ImageReference, Digest> names() {
        return Collections.unmodifiableMap(names);
    }

    Optional<Instant> taggedAt(Digest id) {
        return Optional.ofNullable(tagged.get(id));
    }

    /** The names of one image, sorted. */
    List<ImageReference> namesOf(Digest id) {
        return names.entrySet().stream().filter(name -> name.getValue().equals(id)).map(Map.Entry::getKey).toList();
    }

    /** Blobs and layers (by diff id) that some image stands on. */
    Set<Digest> needed() {
        Set<Digest> needed = new HashSet<>();
        images.values().forEach(image -> needed.addAll(contentOf(image)));
        return needed;
    }

    /** The blobs and the diff ids of one image. */
    static Collection<Digest> contentOf(StoredImage image) {
        Set<Digest> content = new HashSet<>();
        content.add(image.id());
        image.manifest().ifPresent(content::add);
        content.addAll(image.attachments());
        image.layers().forEach(layer -> {
            content.add(layer.blob());
            content.add(layer.diffId());
        });
        return content;
    }
}
