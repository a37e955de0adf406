package io.berth.store;

import io.berth.linux.kernel.Kernel;
import io.berth.store.archive.ArchiveReader;
import io.berth.store.archive.ArchiveWriter;
import io.berth.store.archive.ImageCommit;
import io.berth.store.archive.ImageImport;
import io.berth.store.content.BlobStore;
import io.berth.store.content.StoreException;
import io.berth.store.durable.DiskFiles;
import io.berth.store.durable.DurableFiles;
import io.berth.store.gc.BlobPolicy;
import io.berth.store.gc.Collector;
import io.berth.store.image.ImageEvents;
import io.berth.store.image.ImageReference;
import io.berth.store.image.ImageUsers;
import io.berth.store.image.Images;
import io.berth.store.image.StoredImage;
import io.berth.store.layer.LayerSource;
import io.berth.store.layer.LayerStore;
import io.berth.store.registry.Credentials;
import io.berth.store.registry.Registries;
import io.berth.store.transfer.Pull;
import io.berth.store.transfer.Push;
import io.berth.store.transfer.TransferSettings;
import io.berth.store.verify.BlobRepair;
import io.berth.store.verify.StoreVerifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

    private static final Logger LOG = LoggerFactory.getLogger(ImageStore.class);
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private final Kernel kernel;
    private final BlobStore blobs;
    private final LayerStore layers;
    private final Images images;
    private final Collector collector;

    private ImageStore(Kernel kernel, BlobStore blobs, LayerStore layers, Images images, Collector collector) {
        this.kernel = kernel;
        this.blobs = blobs;
        this.layers = layers;
        this.images = images;
        this.collector = collector;
    }

    /**
     * @param dataRoot made when missing
     * @param users asked which containers use an image, before one is removed
     * @param events told what happens to images
     */
    public static ImageStore open(Path dataRoot, Kernel kernel, ImageUsers users, ImageEvents events) {
        return open(dataRoot, kernel, BlobPolicy.KEEP, users, events);
    }

    /** @param policy what becomes of blobs whose layers are on the disk */
    public static ImageStore open(Path dataRoot, Kernel kernel, BlobPolicy policy, ImageUsers users, ImageEvents events) {
        return open(dataRoot, kernel, new DiskFiles(), bootId(), policy, users, events);
    }

    static ImageStore open(Path dataRoot, Kernel kernel, DurableFiles files, String boot, BlobPolicy policy, ImageUsers users,
            ImageEvents events) {
        BlobStore blobs = BlobStore.open(files, dataRoot);
        LayerStore layers = LayerStore.open(kernel, files, blobs, dataRoot.resolve("layers"), boot);
        Collector[] later = new Collector[1];
        Images images = Images.open(files, dataRoot.resolve("images.journal"), blobs, (needed, diffIds) -> {
            later[0].soon();
            return layers.removeUnless(needed, diffIds);
        }, users, events);
        later[0] = new Collector(blobs, layers, images, policy);
        images.damage().forEach(LOG::error);
        return new ImageStore(kernel, blobs, layers, images, later[0]);
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

    /** For {@code docker push}; one for all, as for pulls. */
    public Push pushes(Registries registries, TransferSettings settings) {
        return new Push(registries, blobs, images, settings);
    }

    /** The directories for overlayfs' {@code lowerdir}, the topmost first, unpacked and ready. */
    public List<Path> lowerDirectories(StoredImage image) {
        try {
            return layers.lowerDirectories(
                    image.layers().stream().map(layer -> new LayerSource(layer.diffId(), layer.blob())).toList());
        } catch (StoreException failure) {
            throw named(image, failure);
        }
    }

    private StoreException named(StoredImage image, StoreException failure) {
        String name = images.namesOf(image.id()).stream().findFirst().map(ImageReference::familiar).orElse(image.id().shortHex());
        return StoreException.corrupt("image " + name + " (" + image.id().shortHex() + ") cannot be used: " + failure.getMessage()
                + "; berthd verify --repair, or POST /berth/verify?repair=1, fetches from its registry what is missing");
    }

    /** Removes what nobody needs. Reads two directories; may run beside everything else. */
    public void removeUnreferenced() {
        collector.run();
    }

    /** The same, some time from now. */
    public void removeUnreferencedSoon() {
        collector.soon();
    }

    /** Says in the log which images lack content; as cheap as listing the blobs. */
    public void reportMissing() {
        verifier().verify(StoreVerifier.Depth.PRESENCE, Optional.empty(),
                finding -> LOG.error("{}; berthd verify --repair, or POST /berth/verify?repair=1, mends what can be mended", finding.sentence()));
    }

    /** Looks for damage, and mends it. */
    public StoreVerifier verifier() {
        return new StoreVerifier(blobs, layers, images);
    }

    /** Mends with what registries have; they are asked for when the first blob is needed. */
    public BlobRepair repair(Supplier<Registries> registries, Credentials credentials) {
        return new BlobRepair(blobs, registries, credentials);
    }

    @Override
    public void close() {
        collector.close();
        layers.close();
        images.close();
    }
}
