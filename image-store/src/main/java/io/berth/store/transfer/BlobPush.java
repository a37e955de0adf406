package io.berth.store.transfer;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Images;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.image.StoredImage;
import io.berth.store.registry.Repository;
import io.berth.store.transfer.PushProgress.Step;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Blobs on their way into one repository: what is there is not sent, and what the registry has elsewhere is mounted. Thread-safe. */
final class BlobPush {

    private static final long REPORT_NANOS = 100_000_000;
    /** Repositories that are tried for one blob. */
    private static final int MOST_MOUNTS = 3;

    private final Repository repository;
    private final BlobStore blobs;
    private final Images images;
    private final Transfers<Place> uploads;
    private final PushProgress progress;

    /** A blob of a repository. */
    record Place(String repository, Digest blob) {}

    BlobPush(Repository repository, BlobStore blobs, Images images, Transfers<Place> uploads, PushProgress progress) {
        this.repository = repository;
        this.blobs = blobs;
        this.images = images;
        this.uploads = uploads;
        this.progress = progress;
    }

    /**
     * Returns when the repository has the blob.
     *
     * @param layer what progress calls it; empty when it is none
     */
    void push(Descriptor blob, Optional<Digest> layer) throws InterruptedException {
        Place place = new Place(repository.name().name(), blob.digest());
        boolean done = false;
        while (!done) {
            done = uploads.run(place, () -> send(blob, layer), () -> tell(layer, Step.WAITING, 0, 0));
        }
    }

    private void send(Descriptor blob, Optional<Digest> layer) {
        if (repository.hasBlob(blob.digest())) {
            tell(layer, Step.ALREADY_THERE, 0, 0);
            return;
        }
        Optional<ImageReference> from = mount(blob.digest());
        if (from.isPresent()) {
            layer.ifPresent(shown -> progress.mounted(shown, from.get()));
            return;
        }
        if (!blobs.has(blob.digest())) {
            throw StoreException.notFound("push " + repository.name().familiarName() + ": the blob " + blob.digest()
                    + " is neither in the store nor in the registry; pull its image again");
        }
        upload(blob.digest(), layer);
        tell(layer, Step.PUSHED, 0, 0);
    }

    private void upload(Digest blob, Optional<Digest> layer) {
        long size = blobs.size(blob).orElseThrow();
        Repository.Sent sent = new Repository.Sent() {
            private long reported = System.nanoTime() - REPORT_NANOS;

            @Override
            public void bytes(long count) {
                long now = System.nanoTime();
                if (now - reported >= REPORT_NANOS) {
                    reported = now;
                    tell(layer, Step.PUSHING, count, size);
                }
            }
        };
        repository.upload(blob, size, () -> blobs.read(blob), sent);
    }

    /** Whether the repository has the blob, or can have it without being sent it. */
    boolean isThere(Digest blob) {
        return repository.hasBlob(blob) || mount(blob).isPresent();
    }

    private Optional<ImageReference> mount(Digest blob) {
        for (ImageReference source : sources(blob)) {
            if (repository.mount(blob, source)) {
                return Optional.of(source);
            }
        }
        return Optional.empty();
    }

    /** Repositories of the same registry that an image with this blob was pulled from or pushed to. */
    private List<ImageReference> sources(Digest blob) {
        Map<ImageReference, Digest> names = images.names();
        List<Digest> having = images.list().stream().filter(image -> has(image, blob)).map(StoredImage::id).toList();
        return names.entrySet().stream().filter(name -> having.contains(name.getValue())).map(Map.Entry::getKey)
                .filter(name -> name.digest().isPresent() && name.domain().equals(repository.name().domain())
                        && !name.path().equals(repository.name().path()))
                .map(name -> new ImageReference(name.domain(), name.path(), Optional.empty(), Optional.empty())).distinct().limit(MOST_MOUNTS).toList();
    }

    private static boolean has(StoredImage image, Digest blob) {
        return image.id().equals(blob) || image.attachments().contains(blob) || image.layers().stream().anyMatch(layer -> layer.blob().equals(blob));
    }

    private void tell(Optional<Digest> layer, Step step, long current, long total) {
        layer.ifPresent(shown -> progress.layer(shown, step, current, total));
    }
}
