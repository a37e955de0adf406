package io.berth.store.layer;

import io.berth.linux.file.Directory;
import io.berth.linux.file.FileName;
import io.berth.linux.file.FileStatus;
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
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
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
    /** So long after it was unpacked a layer is brought to the disk. */
    public static final Duration SYNCED_AFTER = LayerSync.AFTER;

    private final Kernel kernel;
    private final DurableFiles files;
    private final BlobStore blobs;
    private final LayerDirectories directories;
    private final String boot;
    private final LayerSizes sizes;
    private final ConcurrentHashMap<Digest, CompletableFuture<LayerState>> layers = new ConcurrentHashMap<>();
    private final DiskReserve reserve;
    private final LayerSync sync;

    private LayerStore(Kernel kernel, DurableFiles files, BlobStore blobs, Path root, String boot, Duration syncAfter, DiskReserve reserve) {
        this.reserve = reserve;
        this.kernel = kernel;
        this.files = files;
        this.blobs = blobs;
        this.directories = new LayerDirectories(kernel, files, root);
        this.boot = boot;
        this.sizes = new LayerSizes(kernel, files, directories::of);
        this.sync = new LayerSync(kernel, files, directories, layers, sizes, syncAfter);
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
        return open(kernel, files, blobs, root, boot, LayerSync.AFTER, reserve);
    }

    static LayerStore open(Kernel kernel, DurableFiles files, BlobStore blobs, Path root, String boot, Duration syncAfter, DiskReserve reserve) {
        return new LayerStore(kernel, files, blobs, root, boot, syncAfter, reserve);
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
        Set<Path> result = new LinkedHashSet<>();
        for (LayerSource layer : layers.reversed()) {
            fromBlob(layer);
            result.add(directories.tree(layer.diffId()));
        }
        return List.copyOf(result);
    }

    private void fromBlob(LayerSource layer) {
        CompletableFuture<LayerState> known = layers.get(layer.diffId());
        if (known != null && known.isDone() && !files.exists(directories.tree(layer.diffId())) && layers.remove(layer.diffId(), known)) {
            LOG.warn("layer {} is missing in {}: it is unpacked again from its blob", layer.diffId(), directories.of(layer.diffId()));
        }
        try {
            ensure(layer.diffId(), () -> blobs.read(layer.blob()), true);
        } catch (WrongDiffIdException damaged) {
            throw damaged(layer);
        }
    }

    private static StoreException damaged(LayerSource layer) {
        return StoreException.corrupt("unpack layer " + layer.diffId() + ": its blob " + layer.blob()
                + " is damaged; load or pull the image again");
    }

    /** The directory of all layers, for mounts that name {@link #relativeTree} below it to stay short. */
    public Path root() {
        return directories.root();
    }

    /** A layer's tree, below {@link #root}. */
    public Path relativeTree(Digest diffId) {
        return root().relativize(directories.tree(diffId));
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
            CompletableFuture<LayerState> mine = new CompletableFuture<>();
            // Not get(): that would find a layer that takeAway(), which did not see the caller's lease, is about to remove.
            CompletableFuture<LayerState> known = layers.compute(diffId, (id, before) -> before == null ? mine : before);
            if (known == mine) {
                return make(diffId, blob, verify, mine);
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
                sync.later(state, result);
            }
            return state;
        } catch (RuntimeException failure) {
            layers.remove(diffId, result);
            result.completeExceptionally(failure);
            throw failure;
        }
    }

    private Optional<LayerState> find(Digest diffId) {
        Optional<LayerState> state = directories.read(diffId).filter(found -> found.isUsableIn(boot))
                .filter(found -> files.exists(directories.tree(diffId)));
        if (state.isPresent() && !state.get().diffId().equals(diffId)) {
            throw StoreException.corrupt("layer " + diffId + ": its directory " + directories.of(diffId) + " belongs to "
                    + state.get().diffId());
        }
        return state;
    }

    private LayerState unpackAnew(Digest diffId, BlobContent blob, boolean verify) {
        return inNewDirectory(diffId, blob, verify, (unfinished, made) -> {
            LayerState state = made.state();
            directories.install(unfinished, diffId);
            sizes.forget(diffId);
            return state;
        });
    }

    /** What is done with a layer that has just been unpacked, in a directory that is removed after this unless it was installed. */
    private interface Use<T> {
        T of(String unfinished, Made made);
    }

    private record Made(LayerState state, Directory tree, FileStatus begun) {}

    private <T> T inNewDirectory(Digest diffId, BlobContent blob, boolean verify, Use<T> use) {
        String unfinished = LayerDirectories.unique(LayerDirectories.UNFINISHED);
        try (Directory parent = Directory.open(kernel, root().toString())) {
            FileName name = FileName.of(unfinished);
            parent.makeDirectory(name, 0700);
            try (Directory layer = parent.directory(name); InputStream in = blob.open()) {
                FileStatus begun = FileStatus.of(kernel, layer.fd());
                layer.makeDirectory(LayerDirectories.TREE, 0755);
                try (Directory tree = layer.directory(LayerDirectories.TREE)) {
                    LayerState state = new LayerState(diffId, unpack(in, tree, diffId, verify), boot);
                    writeUnsynced(root().resolve(unfinished).resolve(LayerState.FILE), state);
                    return use.of(unfinished, new Made(state, tree, begun));
                }
            } catch (IOException failure) {
                throw Compression.isContentsFault(failure) ? Compression.refusal(failure)
                        : new UncheckedIOException("read layer " + diffId + ": " + failure.getMessage(), failure);
            } finally {
                directories.remove(unfinished);
            }
        }
    }

    /**
     * Compares a layer with its blob, file by file, by unpacking the blob beside it: so nothing but the unpacker decides what
     * a layer looks like. Takes as much room as the layer until it ends. A lease keeps both.
     *
     * @param replace whether a layer that differs, or is not there, is replaced by what the blob gives: in one step; containers
     *         that run go on with the old files, which {@link LayerRemains#removeReplaced} removes later
     * @param told of each difference
     * @throws StoreException when the blob is missing, damaged or refused
     */
    public void compare(LayerSource layer, boolean replace, Consumer<LayerDifference> told) {
        Digest diffId = layer.diffId();
        boolean[] differs = new boolean[1];
        try {
            inNewDirectory(diffId, () -> blobs.read(layer.blob()), true, (unfinished, made) -> {
                Consumer<LayerDifference> noted = difference -> {
                    differs[0] = true;
                    told.accept(difference);
                };
                if (!isUnpacked(diffId)) {
                    differs[0] = true;
                } else {
                    try (Directory found = Directory.open(kernel, directories.tree(diffId).toString())) {
                        new TreeComparison(kernel, made.begun(), noted).compare(made.tree(), found);
                    }
                }
                if (replace && differs[0]) {
                    replace(unfinished, made.state());
                }
                return made.state();
            });
        } catch (WrongDiffIdException wrong) {
            throw damaged(layer);
        }
    }

    private void replace(String unfinished, LayerState state) {
        CompletableFuture<LayerState> renewed = CompletableFuture.completedFuture(state);
        layers.compute(state.diffId(), (id, before) -> {
            if (before != null && !before.isDone()) {
                return before; // somebody makes it anew this moment
            }
            directories.replace(unfinished, id);
            sizes.forget(id);
            return renewed;
        });
        sync.later(state, renewed);
    }

    /** Whether a layer is there and would be used as it is. */
    public boolean isUnpacked(Digest diffId) {
        return find(diffId).isPresent();
    }

    /** Whether a layer is there and on the disk: after a power cut it is still there. */
    public boolean isSynced(Digest diffId) {
        return find(diffId).filter(LayerState::isSynced).isPresent();
    }

    private long unpack(InputStream blob, Directory tree, Digest diffId, boolean verify) throws IOException {
        try (InputStream plain = reserve.guard(Compression.unwrap(blob), root(), "unpack layer " + diffId)) {
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

    /**
     * Notes, durably, that a blob of a layer is about to be removed because the layer itself is on the disk.
     *
     * @return false when it is not, or is just being replaced: then the blob has to stay
     */
    public boolean markDropped(Digest diffId, Digest blob) {
        Optional<LayerState> state = find(diffId).filter(LayerState::isSynced);
        if (state.isPresent() && !state.get().dropped().contains(blob)) {
            sync.mark(state.get().withDropped(blob), entry -> (entry == null || entry.isDone()) && find(diffId).equals(state));
        }
        return isDropped(diffId, blob);
    }

    /** Whether a blob is missing on purpose: its layer is there, durably. */
    public boolean isDropped(Digest diffId, Digest blob) {
        return find(diffId).filter(found -> found.isSynced() && found.dropped().contains(blob)).isPresent();
    }

    /** Whether a layer takes room on the disk, be it relied upon or not. */
    public boolean isThere(Digest diffId) {
        return files.exists(directories.of(diffId));
    }

    /** The layers that are unpacked, whether they can be relied upon or not. */
    public List<Digest> list() {
        return directories.list();
    }

    /** What lies among the layers and is none, or is one no more. */
    public LayerRemains remains() {
        return new LayerRemains(directories, blobs);
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
        return diffIds.stream().filter(diffId -> !needed.contains(diffId) && takeAway(diffId)).toList();
    }

    /** Whoever comes for the layer after this finds it missing; whoever came before keeps it by a lease. */
    private boolean takeAway(Digest diffId) {
        boolean[] gone = new boolean[1];
        layers.compute(diffId, (id, known) -> {
            boolean inTheMaking = known != null && !known.isDone();
            if (inTheMaking || blobs.leased().contains(id)) {
                return known;
            }
            gone[0] = directories.discard(id);
            sizes.forget(id);
            return null;
        });
        return gone[0];
    }

    /**
     * Ends syncing, and finishes removing where that is soon done, else the next start goes on with it. What was not synced by now is
     * after a reboot unpacked again.
     */
    @Override
    public void close() {
        sync.close();
        directories.close();
    }
}
