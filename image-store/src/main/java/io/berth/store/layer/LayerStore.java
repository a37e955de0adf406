package io.berth.store.layer;

import io.berth.linux.file.Directory;
import io.berth.linux.file.FileName;
import io.berth.linux.kernel.Kernel;
import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.StoreException;
import io.berth.store.durable.DurableFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Layers unpacked for overlayfs, one directory each, shared by all images that have them.
 *
 * <p>They are derived: made from a blob whenever they are missing or not to be relied upon. Unpacking happens in a directory of
 * its own, which gets the layer's name when it is complete; from then on the layer is used. Only later, in the background, it is
 * brought to the disk and marked as synced; a layer that has no such mark after a reboot is made anew. So nobody waits for the
 * disk to run a container, and a power cut costs unpacking again, never a damaged file.
 *
 * <p>The layout is in docs/formats/layers.md. Thread-safe.
 */
public final class LayerStore implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LayerStore.class);
    /** Short, because up to 128 of these names have to fit into the 4 KiB of options that mount(2) takes. */
    private static final int NAME_LENGTH = 24;
    private static final FileName TREE = FileName.of("fs");
    private static final String UNFINISHED = "unpack-";
    private static final String DOOMED = "remove-";
    /** By then the kernel has written most of it by itself (vm.dirty_expire_centisecs is 30 s). */
    private static final Duration SYNC_AFTER = Duration.ofSeconds(45);

    private static final Duration LAST_REMOVALS = Duration.ofSeconds(3);

    private final Kernel kernel;
    private final DurableFiles files;
    private final BlobStore blobs;
    private final Path root;
    private final String boot;
    private final LayerSizes sizes;
    private final ConcurrentHashMap<Digest, CompletableFuture<LayerState>> layers = new ConcurrentHashMap<>();
    /** One thread for syncing, which nobody waits for. */
    private final ScheduledThreadPoolExecutor background =
            new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("layer-sync").factory());
    /** One thread, which goes when it is idle, for removing trees: that takes seconds for large ones. */
    private final ThreadPoolExecutor removal = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("layer-removal").factory());
    private final Duration syncAfter;
    private final DiskReserve reserve;
    /** Written before {@link #closed}, read after it. */
    private long closedAt;
    private volatile boolean closed;

    private LayerStore(Kernel kernel, DurableFiles files, BlobStore blobs, Path root, String boot,
            Duration syncAfter, DiskReserve reserve) {
        this.reserve = reserve;
        this.kernel = kernel;
        this.files = files;
        this.blobs = blobs;
        this.root = root;
        this.boot = boot;
        this.sizes = new LayerSizes(kernel, files, this::directory);
        this.syncAfter = syncAfter;
        background.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        removal.allowCoreThreadTimeOut(true);
    }

    /**
     * @param root the directory of layers, made when missing
     * @param boot what the kernel calls the time since the machine was started (/proc/sys/kernel/random/boot_id)
     */
    public static LayerStore open(Kernel kernel, DurableFiles files, BlobStore blobs, Path root, String boot) {
        return open(kernel, files, blobs, root, boot, DiskReserve.DEFAULT);
    }

    /** @param reserve what unpacking leaves free on the disk */
    public static LayerStore open(Kernel kernel, DurableFiles files, BlobStore blobs, Path root, String boot, DiskReserve reserve) {
        return open(kernel, files, blobs, root, boot, SYNC_AFTER, reserve);
    }

    static LayerStore open(Kernel kernel, DurableFiles files, BlobStore blobs, Path root, String boot, Duration syncAfter, DiskReserve reserve) {
        files.makeDirectories(root);
        LayerStore store = new LayerStore(kernel, files, blobs, root, boot, syncAfter, reserve);
        files.list(root).stream().filter(name -> name.startsWith(UNFINISHED) || name.startsWith(DOOMED))
                .forEach(store::removeLater);
        return store;
    }

    /**
     * The directories for overlayfs' {@code lowerdir}, the topmost first; what is missing is unpacked from its blob, verified.
     *
     * <p>A layer that occurs twice is given once, where it is topmost: overlayfs refuses repetitions, and the lower one has
     * nothing to show that the upper one does not.
     *
     * @param layers from the lowest up
     * @throws StoreException when a layer has to be made and its blob is missing, damaged or refused
     */
    public List<Path> lowerDirectories(List<LayerSource> layers) {
        Set<Path> directories = new LinkedHashSet<>();
        for (LayerSource layer : layers.reversed()) {
            fromBlob(layer);
            directories.add(tree(layer.diffId()));
        }
        return List.copyOf(directories);
    }

    private void fromBlob(LayerSource layer) {
        try {
            ensure(layer.diffId(), () -> blobs.read(layer.blob()), true);
        } catch (WrongDiffIdException damaged) {
            throw StoreException.corrupt("unpack layer " + layer.diffId() + ": its blob " + layer.blob()
                    + " is damaged; load or pull the image again");
        }
    }

    /** The directory of all layers, for mounts that name {@link #relativeTree} below it to stay short. */
    public Path root() {
        return root;
    }

    /** A layer's tree, below {@link #root}. */
    public Path relativeTree(Digest diffId) {
        return Path.of(name(diffId), TREE.toString());
    }

    /** Bytes of all files of a layer that is unpacked; empty when it is not. */
    public OptionalLong contentSize(Digest diffId) {
        CompletableFuture<LayerState> known = layers.get(diffId);
        Optional<LayerState> state = known == null ? find(diffId) : known.isDone() && !known.isCompletedExceptionally() ? Optional.of(known.join()) : Optional.empty();
        return state.map(found -> OptionalLong.of(found.contentSize())).orElse(OptionalLong.empty());
    }

    /** Where a reader gets a blob from. */
    public interface BlobContent {
        InputStream open();
    }

    /**
     * Unpacks a layer unless it is there. For as long as nothing refers to it, a lease must keep its diff id.
     *
     * @param blob the layer's tar, perhaps compressed
     * @param verify whether what comes out has to be hashed to know that it is {@code diffId}
     * @return bytes of all its files
     * @throws StoreException invalid, when the tar is refused; nothing is left of it then
     * @throws WrongDiffIdException when it is another layer
     */
    public long unpack(Digest diffId, BlobContent blob, boolean verify) {
        return ensure(diffId, blob, verify).contentSize();
    }

    private LayerState ensure(Digest diffId, BlobContent blob, boolean verify) {
        while (true) {
            CompletableFuture<LayerState> known = layers.get(diffId);
            if (known == null) {
                CompletableFuture<LayerState> mine = new CompletableFuture<>();
                known = layers.putIfAbsent(diffId, mine);
                if (known == null) {
                    return make(diffId, blob, verify, mine);
                }
            }
            try {
                return known.join();
            } catch (CompletionException others) {
                // Their blob may be another one, and they may have been cancelled: now with ours.
            }
        }
    }

    private LayerState make(Digest diffId, BlobContent blob, boolean verify, CompletableFuture<LayerState> result) {
        try {
            LayerState state = find(diffId).orElseGet(() -> unpackAnew(diffId, blob, verify));
            result.complete(state);
            if (!state.isSynced()) {
                background.schedule(() -> sync(state), syncAfter.toMillis(), TimeUnit.MILLISECONDS);
            }
            return state;
        } catch (RuntimeException failure) {
            layers.remove(diffId, result);
            result.completeExceptionally(failure);
            throw failure;
        }
    }

    private Optional<LayerState> find(Digest diffId) {
        Optional<LayerState> state = files.read(directory(diffId).resolve(LayerState.FILE)).flatMap(LayerState::read)
                .filter(found -> found.isUsableIn(boot));
        if (state.isPresent() && !state.get().diffId().equals(diffId)) {
            throw StoreException.corrupt("layer " + diffId + ": its directory " + directory(diffId) + " belongs to "
                    + state.get().diffId());
        }
        return state;
    }

    private LayerState unpackAnew(Digest diffId, BlobContent blob, boolean verify) {
        String unfinished = unique(UNFINISHED);
        try (Directory parent = Directory.open(kernel, root.toString())) {
            try {
                FileName name = FileName.of(unfinished);
                parent.makeDirectory(name, 0700);
                long size;
                try (Directory layer = parent.directory(name); InputStream in = blob.open()) {
                    layer.makeDirectory(TREE, 0755);
                    try (Directory tree = layer.directory(TREE)) {
                        size = unpack(in, tree, diffId, verify);
                    }
                }
                LayerState state = new LayerState(diffId, size, OptionalLong.empty(), boot);
                writeUnsynced(root.resolve(unfinished).resolve(LayerState.FILE), state);
                Optional<String> unusable = discard(diffId);
                sizes.forget(diffId);
                files.rename(root.resolve(unfinished), directory(diffId));
                unusable.ifPresent(this::removeLater);
                return state;
            } catch (IOException failure) {
                throw Compression.isContentsFault(failure) ? Compression.refusal(failure)
                        : new UncheckedIOException("read layer " + diffId + ": " + failure.getMessage(), failure);
            } finally {
                removeTree(unfinished);
            }
        }
    }

    private long unpack(InputStream blob, Directory tree, Digest diffId, boolean verify) throws IOException {
        try (InputStream plain = reserve.guard(Compression.unwrap(blob), root, "unpack layer " + diffId)) {
            if (!verify) {
                return new LayerUnpacker(kernel, tree).unpack(new TarReader(plain));
            }
            HashingStream content = new HashingStream(plain);
            long size = new LayerUnpacker(kernel, tree).unpack(new TarReader(content));
            content.transferTo(OutputStream.nullOutputStream());
            Digest found = content.digest();
            if (!found.equals(diffId)) {
                throw new WrongDiffIdException(diffId, found);
            }
            return size;
        }
    }

    private void writeUnsynced(Path path, LayerState state) {
        try (DurableFiles.OpenFile file = files.create(path)) {
            file.write(0, ByteBuffer.wrap(state.write()));
        }
    }

    /** Content first, then the name, then the mark that says so. */
    private void sync(LayerState state) {
        if (closed || !layers.containsKey(state.diffId())) {
            return;
        }
        try (Directory directory = Directory.open(kernel, directory(state.diffId()).toString());
                Directory tree = directory.directory(TREE)) {
            if (!new TreeSync(kernel, () -> closed || !layers.containsKey(state.diffId())).sync(tree)) {
                return;
            }
            files.syncDirectory(root);
            files.replace(directory(state.diffId()).resolve(LayerState.FILE), new LayerState(state.diffId(), state.contentSize(),
                    sizes.count(state.diffId(), directory), LayerState.SYNCED).write());
        } catch (RuntimeException failure) {
            if (layers.containsKey(state.diffId())) {
                LOG.warn("layer {} could not be brought to the disk and will be unpacked again after a reboot: {}",
                        state.diffId().shortHex(), failure.getMessage());
            }
        }
    }

    /** Whether a layer is unpacked, be it relied upon or not. */
    public boolean isUnpacked(Digest diffId) {
        return files.exists(directory(diffId));
    }

    /** The layers that are unpacked, whether they can be relied upon or not. */
    public List<Digest> list() {
        return files.list(root).stream().filter(name -> name.length() == NAME_LENGTH)
                .flatMap(name -> files.read(root.resolve(name).resolve(LayerState.FILE)).flatMap(LayerState::read).stream())
                .map(LayerState::diffId).toList();
    }

    /** Bytes that an unpacked layer takes on the disk, its directory included; 0 when it is not there. Counted once. */
    public long diskSize(Digest diffId) {
        return sizes.of(diffId);
    }

    /**
     * Removes those of {@code diffIds} that are neither in {@code needed} nor kept by a lease: they are gone at once, their files
     * soon after.
     *
     * @return what was removed
     */
    public List<Digest> removeUnless(Set<Digest> needed, List<Digest> diffIds) {
        List<Digest> removed = new ArrayList<>();
        for (Digest diffId : diffIds) {
            Optional<String> doomed = needed.contains(diffId) ? Optional.empty() : takeAway(diffId);
            doomed.ifPresent(name -> {
                removeLater(name);
                removed.add(diffId);
            });
        }
        return removed;
    }

    /** Whoever comes for the layer after this finds it missing; whoever came before keeps it by a lease. */
    private Optional<String> takeAway(Digest diffId) {
        List<String> doomed = new ArrayList<>();
        layers.compute(diffId, (id, known) -> {
            boolean inTheMaking = known != null && !known.isDone();
            if (inTheMaking || blobs.leased().contains(id)) {
                return known;
            }
            discard(id).ifPresent(doomed::add);
            sizes.forget(id);
            return null;
        });
        return doomed.stream().findFirst();
    }

    /** Takes a layer's name away, in one step; the name under which it waits for its removal. */
    private Optional<String> discard(Digest diffId) {
        if (!files.exists(directory(diffId))) {
            return Optional.empty();
        }
        String doomed = unique(DOOMED);
        files.rename(directory(diffId), root.resolve(doomed));
        return Optional.of(doomed);
    }

    private void removeLater(String name) {
        removal.execute(() -> {
            try {
                removeTree(name);
            } catch (RuntimeException failure) {
                LOG.warn("{} could not be removed; it is tried again at the next start: {}", root.resolve(name), failure.getMessage());
            }
        });
    }

    private void removeTree(String name) {
        try (Directory parent = Directory.open(kernel, root.toString())) {
            FileName tree = FileName.of(name);
            if (parent.find(tree).isPresent() && !parent.removeTree(tree, this::isOutOfTime)) {
                LOG.info("{} is removed at the next start", root.resolve(name));
            }
        }
    }

    private Path tree(Digest diffId) {
        return root.resolve(relativeTree(diffId));
    }

    private Path directory(Digest diffId) {
        return root.resolve(name(diffId));
    }

    private static String name(Digest diffId) {
        return diffId.hex().substring(0, NAME_LENGTH);
    }

    private static String unique(String prefix) {
        return prefix + Long.toHexString(ThreadLocalRandom.current().nextLong());
    }

    private boolean isOutOfTime() {
        return closed && System.nanoTime() - closedAt > LAST_REMOVALS.toNanos();
    }

    /**
     * Ends syncing, and finishes removing where that is soon done, else the next start goes on with it. What was not synced by now is
     * after a reboot unpacked again.
     */
    @Override
    public void close() {
        closedAt = System.nanoTime();
        closed = true;
        background.close();
        removal.close();
    }
}
