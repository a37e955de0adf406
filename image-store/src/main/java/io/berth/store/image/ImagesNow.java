package io.berth.store.image;

import io.berth.store.content.Digest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The images there are at one moment, with their names, whatever happens to them while somebody looks. */
public final class ImagesNow {

    private final ImageIndex index;

    ImagesNow(ImageIndex index) {
        this.index = index;
    }

    public List<StoredImage> list() {
        return index.visible();
    }

    /** Sorted. */
    public List<ImageReference> namesOf(Digest image) {
        return index.namesOf(image);
    }

    public Optional<StoredImage> parentOf(Digest image) {
        return index.parentOf(image);
    }

    public boolean hasChildren(Digest image) {
        return !index.childrenOf(image).isEmpty();
    }

    /** An image, and all that were made from it or from one of those. */
    public Set<Digest> madeFrom(Digest image) {
        return list().stream().map(StoredImage::id).filter(id -> id.equals(image) || index.ancestorsOf(id).contains(image))
                .collect(Collectors.toSet());
    }
}
