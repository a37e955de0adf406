package io.berth.store.transfer;

import io.berth.store.content.Digest;
import io.berth.store.image.ImageReference;

/** Told how a pull goes, by several threads at once. Whatever it throws ends the pull. */
public interface PullProgress {

    /** What happens to one layer; each comes to one of the last two. */
    enum Step {
        PENDING, WAITING, DOWNLOADING, VERIFYING, DOWNLOADED, EXTRACTING, COMPLETE, ALREADY_THERE
    }

    /** The image that is pulled now, with its tag or digest: the registry has it. */
    void begins(ImageReference name);

    /**
     * @param blob of the layer
     * @param current bytes so far, of {@code total}; 0 where there is nothing to count
     */
    void layer(Digest blob, Step step, long current, long total);

    /** All of the image is there and durable; no record knows it. Not told when it was there before. */
    void arrived();

    /**
     * The image is there and has its names.
     *
     * @param digest what the registry served
     */
    void ends(Digest digest);
}
