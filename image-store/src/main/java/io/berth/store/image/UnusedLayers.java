package io.berth.store.image;

import io.berth.store.content.Digest;
import java.util.List;
import java.util.Set;

/** Removes unpacked layers that no image needs. */
public interface UnusedLayers {

    /** Returns those of {@code diffIds} that were there and are not in {@code needed}, removed. */
    List<Digest> removeUnless(Set<Digest> needed, List<Digest> diffIds);
}
