package io.berth.store.verify;

import java.util.function.Consumer;

/** Passes findings on and counts. */
final class Tally {

    private final Consumer<Finding> told;
    private int images;
    private int blobs;
    private long bytes;
    private int layers;
    private int damage;
    private int mended;
    private int unreadable;
    private int reclaimable;

    Tally(Consumer<Finding> told) {
        this.told = told;
    }

    void tell(Finding finding) {
        switch (finding.kind()) {
            case DAMAGE -> {
                damage++;
                mended += finding.mended() ? 1 : 0;
            }
            case UNREADABLE -> unreadable++;
            case RECLAIMABLE -> reclaimable++;
            case NOTE -> { }
        }
        told.accept(finding);
    }

    void image() {
        images++;
    }

    void blob(long size) {
        blobs++;
        bytes += size;
    }

    void layer() {
        layers++;
    }

    Summary summary() {
        return new Summary(images, blobs, bytes, layers, damage, mended, unreadable, reclaimable);
    }
}
