package io.berth.api.wire.verify;

/**
 * What was looked at and what was found. Sound: no damage is left, and nothing was unreadable.
 *
 * @param bytes of the blobs
 */
public record VerifySummary(int images, int blobs, long bytes, int layers, int damage, int mended, int unreadable, int reclaimable,
                            boolean sound) {
}
