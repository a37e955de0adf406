package io.berth.store.image;

import io.berth.store.content.Digest;
import java.util.Set;

/**
 * Content that is needed besides that of images: a build cache, say. Asked with the images locked; must not call back. A layer's blob
 * may go all the same, by policy, once the layer is on the disk.
 */
public interface Roots {

    /** Digests of blobs, and diff ids of layers. */
    Set<Digest> needed();
}
