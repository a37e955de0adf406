package io.berth.store;

import io.berth.linux.file.Directory;
import io.berth.linux.file.FileName;
import io.berth.linux.file.FileStatus;
import io.berth.linux.kernel.Kernel;
import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.image.StoredImage;
import io.berth.store.layer.LayerStore;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What images take on the disk: the blocks of their blobs and unpacked layers, as du(1) counts them. Asks for each blob, which are
 * few, and of layers what they remember.
 */
public final class DiskUse {

    private final Kernel kernel;
    private final BlobStore blobs;
    private final LayerStore layers;

    DiskUse(Kernel kernel, BlobStore blobs, LayerStore layers) {
        this.kernel = kernel;
        this.blobs = blobs;
        this.layers = layers;
    }

    /**
     * Something that images may share.
     *
     * @param unpacked a layer by its diff id; else a blob
     */
    public record Part(boolean unpacked, Digest digest) {}

    /** All that an image stands on. */
    public static Set<Part> partsOf(StoredImage image) {
        Set<Part> parts = new LinkedHashSet<>();
        image.digests().forEach(document -> parts.add(new Part(false, document)));
        image.attachments().forEach(blob -> parts.add(new Part(false, blob)));
        for (StoredImage.Layer layer : image.layers()) {
            parts.add(new Part(false, layer.blob()));
            parts.add(new Part(true, layer.diffId()));
        }
        return parts;
    }

    /** In bytes; what is not there takes nothing. */
    public long of(Collection<Part> parts) {
        try (Directory directory = blobs()) {
            return parts.stream().mapToLong(part -> part.unpacked() ? layers.diskSize(part.digest()) : blob(directory, part.digest())).sum();
        }
    }

    /** In bytes; what is not there takes nothing. */
    public long of(Part part) {
        return of(Set.of(part));
    }

    public boolean isThere(Part part) {
        return part.unpacked() ? layers.isThere(part.digest()) : blobs.has(part.digest());
    }

    /** Of all blobs and unpacked layers, also of those that only a removed image's container needs; not of what is on its way in or out. */
    public long total() {
        try (Directory directory = blobs()) {
            return blobs.list().stream().mapToLong(blob -> blob(directory, blob)).sum()
                    + layers.list().stream().mapToLong(layers::diskSize).sum();
        }
    }

    private Directory blobs() {
        return Directory.open(kernel, blobs.root().toString());
    }

    private static long blob(Directory directory, Digest digest) {
        return directory.find(FileName.of(digest.hex())).map(FileStatus::allocated).orElse(0L);
    }
}
