package io.berth.store.layer;

import io.berth.linux.file.Directory;
import io.berth.linux.kernel.Kernel;
import io.berth.store.content.Digest;
import io.berth.store.durable.DurableFiles;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings layers to the disk some time after they were unpacked, and marks them. One thread, for which nobody waits.
 *
 * <p>A layer may be removed and made anew while its files are synced. The mark is given to the tree that was synced alone: its
 * token is what {@code layers} holds for the diff id as long as that tree has the name.
 */
final class LayerSync implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LayerSync.class);
    /** By then the kernel has written most of it by itself (vm.dirty_expire_centisecs is 30 s). Tests of power cuts have less time. */
    static final Duration AFTER = Duration.ofMillis(Long.getLong("berth.layers.sync-after", 45_000));

    private final Kernel kernel;
    private final DurableFiles files;
    private final LayerDirectories directories;
    private final ConcurrentHashMap<Digest, CompletableFuture<LayerState>> layers;
    private final LayerSizes sizes;
    private final Duration after;
    private final ScheduledThreadPoolExecutor background =
            new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("layer-sync").factory());
    private volatile boolean closed;

    LayerSync(Kernel kernel, DurableFiles files, LayerDirectories directories, ConcurrentHashMap<Digest, CompletableFuture<LayerState>> layers,
            LayerSizes sizes, Duration after) {
        this.kernel = kernel;
        this.files = files;
        this.directories = directories;
        this.layers = layers;
        this.sizes = sizes;
        this.after = after;
        background.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    void later(LayerState state, CompletableFuture<LayerState> token) {
        background.schedule(() -> sync(state, token), after.toMillis(), TimeUnit.MILLISECONDS);
    }

    private boolean isInPlace(Digest diffId, CompletableFuture<LayerState> token) {
        return !closed && layers.get(diffId) == token;
    }

    /** Content first, then the name, then the mark that says so. */
    private void sync(LayerState state, CompletableFuture<LayerState> token) {
        Digest diffId = state.diffId();
        if (!isInPlace(diffId, token)) {
            return;
        }
        try (Directory directory = Directory.open(kernel, directories.of(diffId).toString());
                Directory tree = directory.directory(LayerDirectories.TREE)) {
            if (!new TreeSync(kernel, () -> !isInPlace(diffId, token)).sync(tree)) {
                return;
            }
            files.syncDirectory(directories.root());
            mark(state.synced(sizes.count(diffId, directory)), entry -> entry == token);
        } catch (RuntimeException failure) {
            if (isInPlace(diffId, token)) {
                LOG.warn("layer {} could not be brought to the disk and will be unpacked again after a reboot: {}",
                        diffId.shortHex(), failure.getMessage());
            }
        }
    }

    /**
     * Replaces what is written down of a layer, durably; nothing happens when its directory is another one by then. The disk is waited
     * for first, so that the moment in which the directory must not lose its name is one rename.
     *
     * @param inPlace asked in that moment, with the layer's entry in {@code layers} or null
     */
    void mark(LayerState state, Predicate<CompletableFuture<LayerState>> inPlace) {
        Path mark = directories.of(state.diffId()).resolve(LayerState.FILE + ".new");
        files.delete(mark);
        try (DurableFiles.OpenFile file = files.create(mark)) {
            file.write(0, ByteBuffer.wrap(state.write()));
            file.sync();
        }
        layers.compute(state.diffId(), (id, entry) -> {
            if (inPlace.test(entry)) {
                files.rename(mark, directories.state(id));
            }
            return entry;
        });
        files.delete(mark);
        files.syncDirectory(directories.of(state.diffId()));
    }

    /** Waits for the file that is being synced; what is left is unpacked again after a reboot. */
    @Override
    public void close() {
        closed = true;
        background.close();
    }
}
