package io.berth.store.archive;

import io.berth.store.content.Digest;

/** Told how loading an archive goes. Called by one thread at a time. */
public interface LoadProgress {

    /** A line for people, ending in a newline: {@code Loaded image: x:1}. The reference engine's texts. */
    void line(String line);

    /** So much of a layer's blob has been unpacked. Comes once at the layer's beginning and once at its end. */
    void layer(Digest diffId, long current, long total);
}
