package io.berth.store;

import io.berth.linux.kernel.Kernel;
import io.berth.store.archive.ArchiveReader;
import io.berth.store.archive.ArchiveWriter;
import io.berth.store.archive.ImageCommit;
import io.berth.store.archive.ImageImport;
import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.durable.DiskFiles;
import io.berth.store.durable.DurableFiles;
import io.berth.store.image.ImageEvents;
import io.berth.store.image.ImageUsers;
import io.berth.store.image.Images;
import io.berth.store.image.StoredImage;
import io.berth.store.layer.LayerSource;
import io.berth.store.layer.LayerStore;
import io.berth.store.registry.Registries;
import io.berth.store.transfer.Pull;
import io.berth.store.transfer.TransferSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything about images, put together. Below the daemon's data root:
 *
 * <pre>
 * blobs/sha256/    content as it came           {@link BlobStore}
 * ingest/          content on its way
 * layers/          layers unpacked for overlay  {@link LayerStore}
 * images.journal   which images there are       {@link Images}
 * </pre>
 *
 * <p>Opening reads the journal and lists two directories; everything else waits until it is asked for. One process at a time
 * may have a data root open; the daemon sees to that.
 */
public final class ImageStore implements AutoCloseable {

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private final Kernel kernel;
    private final BlobStore blobs;
    private final LayerStore layers;
    private final Images images;

    private ImageStore(Kernel kernel, BlobStore blobs, LayerStore layers, Images images) {
        this.kernel = kernel;
        this.blobs = blobs;
        this.layers = layers;
        this.images = images;
    }

    /**
     * @param dataRoot made when missing
     * @param users asked which containers use an image, before one is removed
     * @param events told what happens to images
     */
    public static ImageStore open(Path dataRoot, Kernel kernel, ImageUsers users, ImageEvents events) {
        return open(dataRoot, kernel, new DiskFiles(), bootId(), users, events);
    }

    static ImageStore open(Path dataRoot, Kernel kernel, DurableFiles files, String boot, ImageUsers users, ImageEvents events) {
        BlobStore blobs = BlobStore.open(files, dataRoot);
        LayerStore layers = LayerStore.open(kernel, files, blobs, dataRoot.resolve("layers"), boot);
        Images images = Images.open(files, dataRoot.resolve("images.journal"), blobs, layers::removeUnless, users, events);
        return new ImageStore(kernel, blobs, layers, images);
    }

    private static String bootId() {
        try {
            return Files.readString(BOOT_ID).strip();
        } catch (IOException failure) {
            throw new UncheckedIOException("read " + BOOT_ID + ": " + failure.getMessage(), failure);
        }
    }

    public Images images() {
        return images;
    }

    public BlobStore blobs() {
        return blobs;
    }

    public LayerStore layers() {
        return layers;
    }

    /** For {@code docker system df} and prune. */
    public DiskUse diskUse() {
        return new DiskUse(kernel, blobs, layers);
    }

    /** For {@code docker load}. */
    public ArchiveReader archives() {
        return new ArchiveReader(blobs, layers, images);
    }

    /** For {@code docker save}. */
    public ArchiveWriter saves() {
        return new ArchiveWriter(blobs, images);
    }

    /** For {@code docker import}. */
    public ImageImport imports() {
        return new ImageImport(blobs, layers, images);
    }

    /** For {@code docker commit}. */
    public ImageCommit commits() {
        return new ImageCommit(kernel, blobs, layers, images);
    }

    /** For {@code docker pull}; one for all, because those that are under way share what they download. */
    public Pull pulls(Registries registries, TransferSettings settings) {
        return new Pull(registries, blobs, layers, images, settings);
    }

    /** The directories for overlayfs' {@code lowerdir}, the topmost first, unpacked and ready. */
    public List<Path> lowerDirectories(StoredImage image) {
        return layers.lowerDirectories(
                image.layers().stream().map(layer -> new LayerSource(layer.diffId(), layer.blob())).toList());
    }

    /**
     * Removes what no image refers to and nobody is working with: what a crash left between the content of an image and the
     * record of it. Reads two directories; may run beside everything else.
     */
    public void removeUnreferenced() {
        List<Digest> content = new ArrayList<>(blobs.list());
        content.addAll(layers.list());
        images.abandon(blobs.lease(), content);
    }

    @Override
    public void close() {
        layers.close();
        images.close();
    }
}
