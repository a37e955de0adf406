package io.berth.store.layer;

import io.berth.store.content.Digest;

/** A layer's tar turned out to be another layer than it was said to be. Nothing of it was kept. */
public final class WrongDiffIdException extends RuntimeException {

    private final Digest expected;
    private final Digest found;

    WrongDiffIdException(Digest expected, Digest found) {
        super("wrong diff id of a layer: expected " + expected + ", got " + found);
        this.expected = expected;
        this.found = found;
    }

    public Digest expected() {
        return expected;
    }

    /** The diff id it really has. */
    public Digest found() {
        return found;
    }
}
