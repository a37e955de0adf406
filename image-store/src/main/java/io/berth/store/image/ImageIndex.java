package io.berth.store.image;

import io.berth.store.content.Digest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which images there are and what they are called, at one moment. Immutable; a change makes a new one.
 *
 * <p>A retired image is one that people have removed while a container still stands on it: it has no name, is not listed and
 * not found, and goes away with its last container.
 */
final class ImageIndex {

    static final ImageIndex EMPTY = new ImageIndex(Map.of(), Map.of(), Set.of());

    private final Map<Digest, StoredImage> images;
    private final Map<ImageReference, Digest> names;
    private final Set<Digest> retired;

    private ImageIndex(Map<Digest, StoredImage> images, Map<ImageReference, Digest> names, Set<Digest> retired) {
        this.images = images;
        this.names = names;
        this.retired = retired;
    }

    /** One change, as it is written to the journal too. */
    sealed interface Change {
        /** Makes an image visible; one that was retired is back. */
        record Add(StoredImage image) implements Change {}

        /** Gives an image a name, which another may lose thereby. */
        record Name(ImageReference name, Digest image) implements Change {}

        record Unname(ImageReference name) implements Change {}

        record Retire(Digest image) implements Change {}

        record Remove(Digest image) implements Change {}
    }

    ImageIndex with(List<Change> changes) {
        Map<Digest, StoredImage> newImages = new TreeMap<>(images);
        Map<ImageReference, Digest> newNames = new TreeMap<>(names);
        Set<Digest> newRetired = new HashSet<>(retired);
        for (Change change : changes) {
            switch (change) {
                case Change.Add(StoredImage image) -> {
                    newImages.put(image.id(), image);
                    newRetired.remove(image.id());
                }
                case Change.Name(ImageReference name, Digest image) -> newNames.put(name, image);
                case Change.Unname(ImageReference name) -> newNames.remove(name);
                case Change.Retire(Digest image) -> newRetired.add(image);
                case Change.Remove(Digest image) -> {
                    newImages.remove(image);
                    newRetired.remove(image);
                }
            }
        }
        return new ImageIndex(newImages, newNames, newRetired);
    }

    /** Changes that lead from nothing to this. */
    List<Change> asChanges() {
        List<Change> changes = new ArrayList<>();
        images.values().forEach(image -> changes.add(new Change.Add(image)));
        retired.forEach(image -> changes.add(new Change.Retire(image)));
        names.forEach((name, image) -> changes.add(new Change.Name(name, image)));
        return changes;
    }

    List<StoredImage> visible() {
        return images.values().stream().filter(image -> !retired.contains(image.id())).toList();
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

    Map<ImageReference, Digest> names() {
        return Collections.unmodifiableMap(names);
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
        image.layers().forEach(layer -> {
            content.add(layer.blob());
            content.add(layer.diffId());
        });
        return content;
    }
}
