package io.berth.store.image;

import io.berth.store.content.Digest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * An image as the store keeps it.
 *
 * @param id the digest of its configuration
 * @param manifest the digest of the manifest it came with, when it came with one
 * @param index the digest of the index that named the manifest, when it came by one
 * @param layers from the lowest up
 * @param attachments further blobs that are kept with it, for whoever wants the image as it came: the index, attestations and
 *         images of other platforms that it names, with what belongs to them
 */
public record StoredImage(Digest id, Optional<Digest> manifest, Optional<Digest> index, List<Layer> layers, Set<Digest> attachments) {

    public StoredImage {
        layers = List.copyOf(layers);
        attachments = Set.copyOf(attachments);
    }

    /** An image that came by no index. */
    public StoredImage(Digest id, Optional<Digest> manifest, List<Layer> layers) {
        this(id, manifest, Optional.empty(), layers, Set.of());
    }

    /**
     * One layer of it.
     *
     * @param diffId the digest of the layer's tar, uncompressed
     * @param blob the digest of the layer as it came
     * @param contentSize bytes of all files in the layer
     */
    public record Layer(Digest diffId, Digest blob, long contentSize) {}

    /** Bytes of all files in all layers. */
    public long size() {
        return layers.stream().mapToLong(Layer::contentSize).sum();
    }

    public List<Digest> diffIds() {
        return layers.stream().map(Layer::diffId).toList();
    }

    /** Whether this manifest or index is kept with it. */
    public boolean cameWith(Digest document) {
        return manifest.filter(document::equals).isPresent() || attachments.contains(document);
    }

    /** The digests by which it can be named: of its configuration, its manifest and its index. */
    public List<Digest> digests() {
        return Stream.of(Optional.of(id), manifest, index).flatMap(Optional::stream).toList();
    }

    /**
     * The same image, which has come once more another way: what the first way brought is kept, so that every digest it was
     * named by still leads to what it did.
     */
    StoredImage arrivedAfter(StoredImage before) {
        if (manifest.isEmpty() && before.manifest.isPresent()) {
            return before; // an archive without a manifest has nothing that a registry did not bring
        }
        Set<Digest> kept = new LinkedHashSet<>(before.attachments);
        before.manifest.ifPresent(kept::add);
        before.layers.forEach(layer -> kept.add(layer.blob()));
        kept.addAll(attachments);
        manifest.ifPresent(kept::remove);
        layers.forEach(layer -> kept.remove(layer.blob()));
        return new StoredImage(id, manifest.or(before::manifest), index.or(before::index), layers, kept);
    }
}
