package io.berth.api.wire.image;

import io.berth.api.wire.OmitEmpty;

/** One thing that the removal of an image did: a reference or an id; the other is empty. */
public record RemovedImage(@OmitEmpty String deleted, @OmitEmpty String untagged) {
    public static RemovedImage ofReference(String reference) {
        return new RemovedImage("", reference);
    }

    public static RemovedImage ofId(String id) {
        return new RemovedImage(id, "");
    }
}
