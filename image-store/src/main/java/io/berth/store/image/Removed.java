package io.berth.store.image;

import io.berth.store.content.Digest;

/** One consequence of removing an image, in the order things happened. */
public sealed interface Removed {

    /** @param name the familiar name that is no more */
    record Untagged(String name) implements Removed {}

    /** @param digest an image's id, or the chain id of one of its layers */
    record Deleted(Digest digest) implements Removed {}
}
