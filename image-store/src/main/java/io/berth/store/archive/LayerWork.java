package io.berth.store.archive;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Lease;
import io.berth.store.content.StoreException;
import io.berth.store.image.StoredImage;
import io.berth.store.layer.LayerStore;
import io.berth.store.layer.WrongDiffIdException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What has to be done for the layers of one image, several at a time: unpacking, which keeps processors busy, and bringing the
 * blobs to the disk, which waits. On platform threads, for both sit in the kernel most of the time.
 */
final class LayerWork implements AutoCloseable {

    private static final int UNPACKERS = Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 8);

    private final LayerStore layers;
    private final BlobStore blobs;
    private final Lease lease;
    private static final int COMMITTERS = 2;

    private final ExecutorService unpackers =
            Executors.newFixedThreadPool(UNPACKERS, Thread.ofPlatform().name("unpack-", 0).factory());
    private final ExecutorService committers =
            Executors.newFixedThreadPool(COMMITTERS, Thread.ofPlatform().name("commit-", 0).factory());
    private final List<Future<?>> commits = new ArrayList<>();
    private final ReentrantLock progressLock = new ReentrantLock();

    LayerWork(LayerStore layers, BlobStore blobs, Lease lease) {
        this.layers = layers;
        this.blobs = blobs;
        this.lease = lease;
    }

    void commit(Spooled blob) {
        commits.add(committers.submit(() -> {
            if (!lease.hold(blob.digest())) {
                blob.commit(blobs, lease);
            }
        }));
    }

    /** Returns when every layer is unpacked and every blob is durable. */
    List<StoredImage.Layer> unpackAndCommit(List<Spooled> sources, List<Digest> diffIds, LoadProgress progress) {
        List<Future<StoredImage.Layer>> unpacked = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            Spooled source = sources.get(i);
            Digest diffId = diffIds.get(i);
            int number = i;
            unpacked.add(unpackers.submit(() -> unpack(source, diffId, number, progress)));
        }
        sources.stream().distinct().forEach(this::commit);
        List<StoredImage.Layer> result = new ArrayList<>();
        unpacked.forEach(layer -> result.add(await(layer)));
        commits.forEach(LayerWork::await);
        return result;
    }

    private StoredImage.Layer unpack(Spooled source, Digest diffId, int number, LoadProgress progress) {
        report(progress, diffId, 0, source.size());
        boolean same = source.digest().equals(diffId);
        long contentSize;
        try {
            contentSize = layers.unpack(diffId, source::read, !same);
        } catch (WrongDiffIdException wrong) {
            throw StoreException.invalid("invalid diffID for layer " + number + ": expected \"" + diffId + "\", got \""
                    + wrong.found() + "\"", wrong);
        }
        report(progress, diffId, source.size(), source.size());
        return new StoredImage.Layer(diffId, source.digest(), contentSize);
    }

    private void report(LoadProgress progress, Digest diffId, long current, long total) {
        progressLock.lock();
        try {
            progress.layer(diffId, current, total);
        } finally {
            progressLock.unlock();
        }
    }

    private static <T> T await(Future<T> work) {
        try {
            return work.get();
        } catch (ExecutionException failure) {
            throw failure.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(failure.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while loading layers", interrupted);
        }
    }

    /** Waits for what still runs, so that nothing uses the archive's files after this. */
    @Override
    public void close() {
        unpackers.close();
        committers.close();
    }
}
