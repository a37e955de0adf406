package io.berth.daemon.image;

import io.berth.linux.kernel.Kernel;
import io.berth.store.archive.ArchiveReader;
import io.berth.store.archive.ImageImport;
import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.durable.DurableFiles;
import io.berth.store.image.ImageEvents;
import io.berth.store.image.ImageUsers;
import io.berth.store.image.Images;
import io.berth.store.layer.LayerSource;
import io.berth.store.layer.LayerStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The parts of the image store below one data root, put together. */
public final class ImageStore implements AutoCloseable {

    private final BlobStore blobs;
    private final LayerStore layers;
    private final Images images;

    private ImageStore(BlobStore blobs, LayerStore layers, Images images) {
        this.blobs = blobs;
        this.layers = layers;
        this.images = images;
    }

    public static ImageStore open(Kernel kernel, DurableFiles files, Path dataRoot, ImageUsers users, ImageEvents events) {
        BlobStore blobs = BlobStore.open(files, dataRoot.resolve("content"));
        LayerStore layers = LayerStore.open(kernel, files, blobs, dataRoot.resolve("layers"), bootId());
        Images images = Images.open(files, dataRoot.resolve("images.journal"), blobs, layers::removeUnless, users, events);
        return new ImageStore(blobs, layers, images);
    }

    public Images images() {
        return images;
    }

    /** The unpacked layers of an image, also of one that was removed while a container uses it, the topmost first. */
    public List<String> layerDirectories(Digest image) {
        List<LayerSource> sources = images.ofContainer(image).orElseThrow(() -> new IllegalStateException("no image " + image))
                .layers().stream().map(layer -> new LayerSource(layer.diffId(), layer.blob())).toList();
        return layers.lowerDirectories(sources).stream().map(Path::toString).toList();
    }

    ArchiveReader archives() {
        return new ArchiveReader(blobs, layers, images);
    }

    ImageImport imports() {
        return new ImageImport(blobs, layers, images);
    }

    /** What the kernel calls the time since the machine was started. */
    private static String bootId() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot read the machine's boot id", failure);
        }
    }

    @Override
    public void close() {
        images.close();
        layers.close();
    }
}
