package io.berth.store.transfer;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Ingest;
import io.berth.store.content.Lease;
import io.berth.store.content.StoreException;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.image.StoredImage;
import io.berth.store.layer.LayerStore;
import io.berth.store.layer.WrongDiffIdException;
import io.berth.store.registry.RegistryException;
import io.berth.store.registry.Repository;
import io.berth.store.transfer.PullProgress.Step;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One layer on its way from a registry: in one pass over what comes it is written to the blob, hashed, decompressed, hashed again
 * and unpacked; nothing is read a second time.
 */
final class LayerPull {

    /** From this size on several ranges are asked for at once, in bytes. */
    private static final long LARGE = 32L << 20;

    private final Repository repository;
    private final BlobStore blobs;
    private final LayerStore layers;
    private final Transfers<Digest> downloads;
    private final int attempts;
    private final Lease lease;
    private final PullProgress progress;

    LayerPull(Repository repository, BlobStore blobs, LayerStore layers, Transfers<Digest> downloads, int attempts, Lease lease, PullProgress progress) {
        this.repository = repository;
        this.blobs = blobs;
        this.layers = layers;
        this.downloads = downloads;
        this.attempts = attempts;
        this.lease = lease;
        this.progress = progress;
    }

    /** A layer of which nothing is missing. Tells so, or that it is going to be pulled. */
    Optional<StoredImage.Layer> here(Descriptor blob, Digest diffId) {
        OptionalLong contentSize = lease.hold(blob.digest()) ? layers.contentSize(diffId) : OptionalLong.empty();
        progress.layer(blob.digest(), contentSize.isPresent() ? Step.ALREADY_THERE : Step.PENDING, 0, 0);
        return contentSize.isPresent() ? Optional.of(new StoredImage.Layer(diffId, blob.digest(), contentSize.getAsLong())) : Optional.empty();
    }

    /**
     * Returns when the layer is unpacked and its blob is durable. The lease keeps both already.
     *
     * @throws RegistryException when it cannot be had
     * @throws StoreException invalid, when it is not what it has to be
     */
    StoredImage.Layer pull(Descriptor blob, Digest diffId) throws InterruptedException {
        while (!lease.hold(blob.digest())) {
            downloads.run(blob.digest(), () -> download(blob, diffId), () -> progress.layer(blob.digest(), Step.WAITING, 0, 0));
        }
        // What has just been downloaded is unpacked already; not so a blob that was there, or came for another image.
        if (layers.contentSize(diffId).isEmpty()) {
            progress.layer(blob.digest(), Step.EXTRACTING, 0, 0);
        }
        long contentSize = unpack(blob, diffId);
        progress.layer(blob.digest(), Step.COMPLETE, 0, 0);
        return new StoredImage.Layer(diffId, blob.digest(), contentSize);
    }

    private long unpack(Descriptor blob, Digest diffId) {
        try {
            return layers.unpack(diffId, () -> blobs.read(blob.digest()), true);
        } catch (WrongDiffIdException wrong) {
            throw notAsConfigured(blob, wrong);
        }
    }

    private static StoreException notAsConfigured(Descriptor blob, WrongDiffIdException wrong) {
        return StoreException.invalid("layer " + blob.digest() + " is not what the image's configuration says: its content is "
                + wrong.found() + ", not " + wrong.expected(), wrong);
    }

    private void download(Descriptor blob, Digest diffId) {
        try (InputStream connection = open(blob); Ingest ingest = blobs.ingest()) {
            ArrivingLayer arriving = new ArrivingLayer(connection, ingest, blob, progress);
            Optional<RuntimeException> refusal = unpack(arriving, blob, diffId);
            if (refusal.filter(RegistryException.class::isInstance).isPresent()) {
                throw refusal.get();
            }
            arriving.drain();
            progress.layer(blob.digest(), Step.VERIFYING, 0, 0);
            if (!ingest.digest().equals(blob.digest())) {
                throw StoreException.invalid("filesystem layer verification failed for digest " + blob.digest() + ": the registry sent "
                        + ingest.digest());
            }
            refusal.ifPresent(failure -> {
                throw failure;
            });
            ingest.commit(lease, Optional.empty());
            progress.layer(blob.digest(), Step.DOWNLOADED, 0, 0);
        } catch (IOException failure) {
            throw new UncheckedIOException("download " + blob.digest() + ": " + failure.getMessage(), failure);
        }
    }

    private InputStream open(Descriptor blob) throws IOException {
        Optional<InputStream> ranges = blob.size() >= LARGE ? RangesStream.open(repository, blob, attempts) : Optional.empty();
        return ranges.orElseGet(() -> new ResumingStream(repository, blob, attempts));
    }

    /**
     * What is wrong with the content is told only after all of it has come: when it is not what the registry promised, that is
     * the reason.
     */
    private Optional<RuntimeException> unpack(ArrivingLayer arriving, Descriptor blob, Digest diffId) {
        try {
            layers.unpack(diffId, arriving::open, true);
            return Optional.empty();
        } catch (WrongDiffIdException wrong) {
            return Optional.of(notAsConfigured(blob, wrong));
        } catch (RuntimeException failure) {
            return Optional.of(failure);
        }
    }
}
