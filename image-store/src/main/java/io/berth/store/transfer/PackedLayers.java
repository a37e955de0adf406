package io.berth.store.transfer;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Ingest;
import io.berth.store.content.Lease;
import io.berth.store.content.StoreException;
import io.berth.store.image.Images;
import io.berth.store.image.Manifest;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.image.StoredImage;
import io.berth.store.layer.Compression;
import io.berth.store.layer.ParallelGzip;
import io.berth.store.transfer.PushProgress.Step;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Layers as registries expect them, in gzip. A layer that came that way, or that was compressed before, stays as it is, so that it
 * has the same digest in every registry. Thread-safe.
 */
final class PackedLayers {

    static final String GZIP = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    /** Of zlib. What comes out is about a tenth larger than by zlib's usual level, 6, for a quarter of the work. */
    private static final int LEVEL = 1;
    private static final int MOST_THREADS = 16;
    /** At a time; each has some megabytes of memory. */
    private static final int MOST_LAYERS = 4;
    private static final int BUFFER = 256 << 10;
    private static final long REPORT_NANOS = 100_000_000;

    private final BlobStore blobs;
    private final Images images;
    private final Transfers<Digest> underWay;
    private final ThreadPoolExecutor threads;
    /** By diff id; a blob named here may be gone. */
    private final Map<Digest, Descriptor> packed = new ConcurrentHashMap<>();

    PackedLayers(BlobStore blobs, Images images) {
        this.blobs = blobs;
        this.images = images;
        int processors = Math.min(Runtime.getRuntime().availableProcessors(), MOST_THREADS);
        this.underWay = new Transfers<>(Math.min(processors, MOST_LAYERS));
        this.threads = new ThreadPoolExecutor(processors, processors, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
                Thread.ofPlatform().name("gzip-", 0).daemon().factory());
        threads.allowCoreThreadTimeOut(true);
    }

    /** Held by the lease. */
    Descriptor pack(StoredImage.Layer layer, Lease lease, PushProgress progress) throws InterruptedException {
        while (true) {
            Optional<Descriptor> known = known(layer, lease);
            if (known.isPresent()) {
                return known.get();
            }
            underWay.run(layer.diffId(), () -> {
                if (known(layer, lease).isEmpty()) {
                    packed.put(layer.diffId(), compress(layer, lease, progress));
                }
            }, () -> { });
        }
    }

    private Optional<Descriptor> known(StoredImage.Layer layer, Lease lease) {
        return asItCame(layer, lease).or(() -> Optional.ofNullable(packed.get(layer.diffId())).filter(blob -> lease.hold(blob.digest())))
                .or(() -> ofAnotherImage(layer.diffId(), lease));
    }

    private Optional<Descriptor> asItCame(StoredImage.Layer layer, Lease lease) {
        if (layer.blob().equals(layer.diffId()) || !lease.hold(layer.blob())) {
            return Optional.empty();
        }
        try {
            return Compression.detect(blobs.read(layer.blob())) == Compression.GZIP ? Optional.of(gzip(layer.blob(), blobs.size(layer.blob()).orElseThrow()))
                    : Optional.empty();
        } catch (IOException failure) {
            throw new UncheckedIOException("read layer " + layer.blob(), failure);
        }
    }

    /** Where an image with the same layer has a manifest that tells. */
    private Optional<Descriptor> ofAnotherImage(Digest diffId, Lease lease) {
        for (StoredImage image : images.list()) {
            int position = image.diffIds().indexOf(diffId);
            if (position >= 0 && image.manifest().filter(blobs::has).isPresent()
                    && Manifest.read(blobs.readDocument(image.manifest().get())) instanceof Manifest.Image manifest
                    && position < manifest.layers().size()) {
                Descriptor blob = manifest.layers().get(position);
                if (blob.mediaType().endsWith("gzip") && lease.hold(blob.digest())) {
                    return Optional.of(gzip(blob.digest(), blob.size()));
                }
            }
        }
        return Optional.empty();
    }

    private static Descriptor gzip(Digest digest, long size) {
        return new Descriptor(GZIP, digest, size, Optional.empty(), Map.of());
    }

    private Descriptor compress(StoredImage.Layer layer, Lease lease, PushProgress progress) {
        if (!lease.hold(layer.blob())) {
            throw StoreException.notFound("push layer " + layer.diffId() + ": its content is not in the store; load or pull its image again");
        }
        long total = blobs.size(layer.blob()).orElse(0);
        MessageDigest hash = Digest.sha256();
        try (InputStream tar = Compression.unwrap(blobs.read(layer.blob())); Ingest ingest = blobs.ingest()) {
            try (ParallelGzip gzip = new ParallelGzip(ingest, threads, LEVEL)) {
                byte[] buffer = new byte[BUFFER];
                long done = 0;
                long reported = System.nanoTime() - REPORT_NANOS;
                for (int count; (count = tar.read(buffer)) >= 0;) {
                    hash.update(buffer, 0, count);
                    gzip.write(buffer, 0, count);
                    done += count;
                    if (System.nanoTime() - reported >= REPORT_NANOS) {
                        reported = System.nanoTime();
                        progress.layer(layer.diffId(), Step.COMPRESSING, done, Math.max(total, done));
                    }
                    requireUninterrupted();
                }
            }
            if (!Digest.ofHash(hash.digest()).equals(layer.diffId())) {
                throw StoreException.corrupt("push layer " + layer.diffId() + ": its content in the store is damaged; load or pull its image again");
            }
            return gzip(ingest.commit(lease, Optional.empty()), ingest.size());
        } catch (IOException failure) {
            throw new UncheckedIOException("compress layer " + layer.diffId(), failure);
        }
    }

    private static void requireUninterrupted() throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("cancelled");
        }
    }
}
