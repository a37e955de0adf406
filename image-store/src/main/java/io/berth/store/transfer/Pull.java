package io.berth.store.transfer;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Lease;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageEvents.Action;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Images;
import io.berth.store.image.Manifest;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.image.Platform;
import io.berth.store.image.StoredImage;
import io.berth.store.layer.LayerStore;
import io.berth.store.registry.Credentials;
import io.berth.store.registry.Registries;
import io.berth.store.registry.RegistryException;
import io.berth.store.registry.Repository;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code docker pull}: an image from a registry, as it is there.
 *
 * <p>What the name leads to is asked with one request; if that image is here, nothing else happens. Otherwise its documents come
 * first, then its layers, several at a time ({@link LayerPull}). When all blobs are durable and all layers unpacked, one record
 * makes the image visible, under its tag and under the digest that the registry served. A pull that fails or is cancelled leaves
 * nothing behind that no other needs.
 *
 * <p>Thread-safe; concurrent pulls of the same blob download it once. An interrupt ends a pull.
 */
public final class Pull {

    private final Registries registries;
    private final BlobStore blobs;
    private final LayerStore layers;
    private final Images images;
    private final TransferSettings settings;
    private final Transfers<Digest> downloads;

    public Pull(Registries registries, BlobStore blobs, LayerStore layers, Images images, TransferSettings settings) {
        this.registries = registries;
        this.blobs = blobs;
        this.layers = layers;
        this.images = images;
        this.settings = settings;
        this.downloads = new Transfers<>(settings.downloads());
    }

    /**
     * @param name with the tag {@code latest} when it has neither tag nor digest
     * @param platform which image of an index; without it the one for this machine
     * @throws RegistryException when it cannot be had
     * @throws StoreException invalid, when it is no image, or one that this engine does not take
     * @throws InterruptedException when it is cancelled
     */
    public Pulled pull(ImageReference name, Optional<Platform> platform, Credentials credentials, PullProgress progress)
            throws InterruptedException {
        ImageReference complete = name.withDefaultTag();
        Pulled pulled = pull(registries.repository(complete, credentials, Registries.Access.PULL), complete, platform, progress);
        images.pulled(pulled.image(), complete);
        return pulled;
    }

    /**
     * Every tag of a repository, one after the other.
     *
     * @return of the last one, newer when one of them is; empty when there is no tag
     */
    public Optional<Pulled> pullAll(ImageReference name, Optional<Platform> platform, Credentials credentials, PullProgress progress)
            throws InterruptedException {
        Repository repository = registries.repository(name, credentials, Registries.Access.PULL);
        Optional<Pulled> last = Optional.empty();
        boolean newer = false;
        for (String tag : repository.tags()) {
            Pulled pulled = pull(repository, name.withTag(tag), platform, progress);
            newer |= pulled.newer();
            last = Optional.of(new Pulled(pulled.image(), pulled.platform(), newer));
        }
        last.ifPresent(pulled -> images.pulled(pulled.image(), name));
        return last;
    }

    private Pulled pull(Repository repository, ImageReference name, Optional<Platform> platform, PullProgress progress)
            throws InterruptedException {
        Descriptor served = repository.describe(name.digest().map(Digest::toString).or(name::tag).orElseThrow());
        progress.begins(name);
        List<ImageReference> names = new ArrayList<>();
        if (name.digest().isEmpty()) {
            names.add(name);
        }
        names.add(name.withDigest(served.digest()));
        Optional<StoredImage> before = images.find(names.getFirst());
        Optional<StoredImage> here = here(served.digest(), platform);
        Optional<Arrival.Arrived> named = here.flatMap(image -> named(image, names));
        Arrival.Arrived arrived = named.isPresent() ? named.get()
                : new Arrival(repository, platform, progress, blobs, layers, images, downloads, settings).run(served.digest(), names);
        progress.ends(served.digest());
        // From here on others may have removed it again.
        Digest id = arrived.image().id();
        return new Pulled(id, arrived.platform(), before.filter(known -> known.id().equals(id)).isEmpty());
    }

    /** Gives an image that is here its names; nothing when it was removed meanwhile. */
    private Optional<Arrival.Arrived> named(StoredImage image, List<ImageReference> names) {
        Lease lease = blobs.lease();
        try {
            if (!images.hold(image, lease)) {
                return Optional.empty();
            }
            Arrival.Arrived arrived = new Arrival.Arrived(image, images.config(image.id()).platform());
            if (!names.stream().allMatch(known -> images.find(known).equals(Optional.of(image)))) {
                images.add(image, names, Action.PULL);
            }
            return Optional.of(arrived);
        } finally {
            images.abandon(lease, List.of());
        }
    }

    /** The image that the registry serves under a digest, when all of it is here. What is damaged here is not. */
    private Optional<StoredImage> here(Digest served, Optional<Platform> wanted) {
        try {
            Optional<Digest> manifest = document(served).flatMap(document -> switch (document) {
                case Manifest.Image single -> Optional.of(served);
                case Manifest.Index index -> Platform.choose(index, wanted).map(Descriptor::digest);
            });
            return manifest.flatMap(this::document).filter(Manifest.Image.class::isInstance).map(Manifest.Image.class::cast)
                    .flatMap(image -> images.find(image.config().digest()))
                    .filter(image -> image.cameWith(served) && image.cameWith(manifest.get()) && isWhole(image));
        } catch (StoreException damaged) {
            return Optional.empty();
        }
    }

    private Optional<Manifest> document(Digest digest) {
        return blobs.has(digest) ? Optional.of(Manifest.read(blobs.readDocument(digest))) : Optional.empty();
    }

    private boolean isWhole(StoredImage image) {
        return blobs.has(image.id()) && image.layers().stream().allMatch(layer -> blobs.has(layer.blob())
                || layers.isDropped(layer.diffId(), layer.blob()));
    }
}
