package io.berth.store.transfer;

import io.berth.store.content.Digest;

/** Told how a pull goes, by several threads at once. Whatever it throws ends the pull. */
public interface PullProgress {

    /** What happens to one layer; each comes to one of the last two. */
    enum Step {
        PENDING, WAITING, DOWNLOADING, VERIFYING, DOWNLOADED, EXTRACTING, COMPLETE, ALREADY_THERE
    }

    /** The image that is pulled now, by its repository ({@code library/busybox}) and its tag or digest. */
    void begins(String repository, String reference);

    /**
     * @param blob of the layer
     * @param current bytes so far, of {@code total}; 0 where there is nothing to count
     */
    void layer(Digest blob, Step step, long current, long total);

    /**
     * The image is there and has its names.
     *
     * @param shownName as people know it
     * @param digest what the registry served
     * @param newer whether it was not there before
     */
    void ends(String shownName, Digest digest, boolean newer);
}
