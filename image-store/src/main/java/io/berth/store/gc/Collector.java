package io.berth.store.gc;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.image.Images;
import io.berth.store.image.StoredImage;
import io.berth.store.layer.LayerStore;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes content without a root: what a crash, a failed removal or a replaced layer left. Roots are the images, among them those
 * that containers stand on, and what {@link Images#alsoNeeded} adds; leases hold what has no root yet.
 *
 * <p>Whoever removes an image removes its content himself, at once; this comes after everybody, at the start and some time after
 * something was removed or given up. It may run beside everything else: see {@link Images#sweep}.
 */
public final class Collector implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Collector.class);
    /** Longer than a layer waits for being synced; and a container that was about to start then runs. */
    private static final Duration AFTER = LayerStore.SYNCED_AFTER.multipliedBy(2);

    private final BlobStore blobs;
    private final LayerStore layers;
    private final Images images;
    private final BlobPolicy policy;
    private final Duration after;
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final ScheduledThreadPoolExecutor thread =
            new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("image-gc").factory());

    public Collector(BlobStore blobs, LayerStore layers, Images images, BlobPolicy policy) {
        this(blobs, layers, images, policy, AFTER);
    }

    Collector(BlobStore blobs, LayerStore layers, Images images, BlobPolicy policy, Duration after) {
        this.blobs = blobs;
        this.layers = layers;
        this.images = images;
        this.policy = policy;
        this.after = after;
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        thread.setKeepAliveTime(1, TimeUnit.SECONDS);
        thread.allowCoreThreadTimeOut(true);
    }

    /** Runs once, some time from now; for many calls until then too. Never blocks. */
    public void soon() {
        if (!thread.isShutdown() && scheduled.compareAndSet(false, true)) {
            thread.schedule(this::runQuietly, after.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void runQuietly() {
        scheduled.set(false);
        try {
            run();
        } catch (RuntimeException failure) {
            LOG.warn("content that nobody needs could not be removed; it is tried again later: {}", failure.getMessage());
        }
    }

    /** Removes everything that has neither a root nor a lease, and by {@link BlobPolicy#DROP} blobs too. */
    public void run() {
        images.sweep(needed -> {
            blobs.removeUnless(needed, blobs.list());
            layers.removeUnless(needed, layers.list());
            layers.remains().removeNameless(needed);
            layers.remains().removeReplaced(images.layersInUse());
            if (policy == BlobPolicy.DROP) {
                drop(needed);
            }
        });
        blobs.removeStrays();
        layers.remains().removeDoomed();
    }

    /** First it is written down that a blob is missing on purpose, then it goes. */
    private void drop(Set<Digest> needed) {
        Set<Digest> kept = new HashSet<>(needed);
        boolean some = false;
        boolean all = true;
        for (StoredImage image : images.all()) {
            for (StoredImage.Layer layer : image.layers()) {
                if (blobs.has(layer.blob()) && !isDocument(image, layer.blob())) {
                    boolean marked = layers.markDropped(layer.diffId(), layer.blob());
                    some |= marked && kept.remove(layer.blob());
                    all &= marked;
                }
            }
        }
        if (some) {
            blobs.removeUnless(kept, needed);
        }
        if (!all) {
            soon();
        }
    }

    private boolean isDocument(StoredImage image, Digest blob) {
        return image.digests().contains(blob) || images.all().stream().anyMatch(other -> other.attachments().contains(blob));
    }

    @Override
    public void close() {
        thread.shutdown();
        try {
            thread.awaitTermination(1, TimeUnit.MINUTES);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
