package io.berth.store.verify;

/**
 * What a verification came to.
 *
 * @param images looked at, also those that people removed and containers stand on
 * @param blobs looked at
 * @param bytes of those
 * @param layers looked at; compared file by file when that was asked for
 * @param damage findings of damage
 * @param mended of those, what is right now
 * @param unreadable what could not be looked at
 * @param reclaimable findings of what nobody needs
 */
public record Summary(int images, int blobs, long bytes, int layers, int damage, int mended, int unreadable, int reclaimable) {

    /** For people. */
    public String sentence() {
        return "%d images, %d blobs (%d bytes), %d layers: %s".formatted(images, blobs, bytes, layers, verdict());
    }

    private String verdict() {
        String found = damage == 0 ? "no damage" : damage + " damaged, " + mended + " mended";
        String failed = unreadable == 0 ? "" : ", " + unreadable + " could not be looked at";
        return found + failed + (reclaimable == 0 ? "" : ", " + reclaimable + " reclaimable");
    }

    /** Whether everything is as it has to be. */
    public boolean isSound() {
        return damage == mended && unreadable == 0;
    }
}
