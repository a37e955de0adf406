package io.berth.store.image;

import io.berth.store.content.Digest;
import java.util.List;
import java.util.Optional;

/**
 * An image as the store keeps it.
 *
 * @param id the digest of its configuration
 * @param manifest the digest of the manifest it came with, when it came with one
 * @param layers from the lowest up
 */
public record StoredImage(Digest id, Optional<Digest> manifest, List<Layer> layers) {

    public StoredImage {
        layers = List.copyOf(layers);
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
}
