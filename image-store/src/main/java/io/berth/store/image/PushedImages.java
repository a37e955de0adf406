package io.berth.store.image;

import io.berth.store.content.Digest;
import io.berth.store.image.ImageIndex.Change;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What becomes of an image by its way to a registry. */
public final class PushedImages {

    private final Images images;

    public PushedImages(Images images) {
        this.images = images;
    }

    /**
     * Keeps the manifest that an image without one was given, with the layers that it names; all are held by a lease. Nothing happens
     * when the image was removed meanwhile, or has got a manifest another way.
     */
    public void giveManifest(Digest image, Digest manifest, Set<Digest> layers) {
        images.learn(image, known -> known.manifest().isPresent() ? List.of()
                : List.of(new Change.Add(new StoredImage(image, Optional.of(manifest), Optional.empty(), known.layers(), layers))));
    }

    /**
     * An image is in a registry under this name.
     *
     * @param served the name with the digest it has there, which the image is known by from now on, unless it was removed meanwhile
     */
    public void pushed(StoredImage image, ImageReference name, Optional<ImageReference> served) {
        served.ifPresent(digest -> images.learn(image.id(), known -> image.id().equals(images.names().get(digest)) ? List.of()
                : List.of(new Change.Name(digest, image.id()))));
        images.news.pushed(image.id(), name);
    }
}
