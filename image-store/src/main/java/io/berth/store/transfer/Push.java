package io.berth.store.transfer;

import io.berth.store.content.BlobStore;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Images;
import io.berth.store.image.Platform;
import io.berth.store.image.StoredImage;
import io.berth.store.registry.Credentials;
import io.berth.store.registry.Registries;
import io.berth.store.registry.RegistryException;
import io.berth.store.registry.Repository;
import java.util.List;
import java.util.Optional;

/**
 * {@code docker push}: an image into a registry, as it is here.
 *
 * <p>An image that came from a registry or with a manifest keeps every digest: the index with all below it goes when all of it is
 * here, or there; otherwise the image's manifest alone. Another image gets a manifest, which it keeps: its layers are compressed
 * once, and a second push finds all of them there.
 *
 * <p>Blobs go first, several at a time ({@link BlobPush}), then the documents from the bottom up, the tag last: whoever pulls
 * meanwhile finds what was there before, or all of the new. Thread-safe.
 */
public final class Push {

    private final Registries registries;
    private final BlobStore blobs;
    private final Images images;
    private final PackedLayers packed;
    private final Transfers<BlobPush.Place> uploads;

    public Push(Registries registries, BlobStore blobs, Images images, TransferSettings settings) {
        this.registries = registries;
        this.blobs = blobs;
        this.images = images;
        this.packed = new PackedLayers(blobs, images);
        this.uploads = new Transfers<>(settings.uploads());
    }

    /**
     * @param name without a tag every tag of the repository, one after the other
     * @param platform which image of an index, alone
     * @throws RegistryException when the registry refuses it, or cannot be reached
     * @throws StoreException not found, when there is no such image, or it is not for the platform; invalid, for a digest
     * @throws InterruptedException when it is cancelled
     */
    public void push(ImageReference name, Optional<Platform> platform, Credentials credentials, PushProgress progress) throws InterruptedException {
        if (platform.isPresent() && name.digest().isEmpty()) {
            requirePlatform(name.withDefaultTag(), platform.get());
        }
        progress.begins(name.name());
        List<ImageReference> tags = tags(name);
        Repository repository = registries.repository(name, credentials, Registries.Access.PUSH);
        for (ImageReference tag : tags) {
            StoredImage image = images.find(tag).orElseThrow(() -> missing(tag));
            try (Shipment shipment = new Shipment(image, tag, repository, blobs, images, packed, uploads, progress)) {
                shipment.run(platform);
            }
        }
    }

    /** Before anything is said, so that it is an answer of its own. */
    private void requirePlatform(ImageReference tag, Platform platform) {
        StoredImage image = images.resolve(tag.familiar());
        if (!Shipment.offers(image, platform, blobs, images)) {
            throw StoreException.notFound("image with reference " + tag.familiar() + " was found but its platform (" + images.config(image.id()).platform()
                    + ") does not match the specified platform (" + platform + ")");
        }
    }

    private List<ImageReference> tags(ImageReference name) {
        if (name.digest().isPresent()) {
            throw StoreException.invalid("cannot push a digest reference");
        }
        List<ImageReference> tags = images.names().keySet().stream().filter(known -> known.name().equals(name.name()) && known.tag().isPresent()).toList();
        if (tags.isEmpty()) {
            throw StoreException.notFound("An image does not exist locally with the tag: " + name.familiarName());
        }
        if (name.tag().isEmpty()) {
            return tags;
        }
        if (!tags.contains(name)) {
            throw missing(name);
        }
        return List.of(name);
    }

    private static StoreException missing(ImageReference tag) {
        return StoreException.notFound("tag does not exist: " + tag.familiar());
    }
}
