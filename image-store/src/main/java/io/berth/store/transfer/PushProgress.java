package io.berth.store.transfer;

import io.berth.store.content.Digest;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Manifest.Descriptor;

/** Told how a push goes, by several threads at once. Whatever it throws ends the push. */
public interface PushProgress {

    /** What happens to one layer; each comes to one of the last two, or is {@link #mounted}. */
    enum Step {
        PREPARING, WAITING, COMPRESSING, PUSHING, PUSHED, ALREADY_THERE
    }

    /** @param repository complete, {@code docker.io/library/busybox} */
    void begins(String repository);

    /**
     * @param layer its diff id, or of an image of another platform its blob
     * @param current bytes so far, of {@code total}; 0 where there is nothing to count
     */
    void layer(Digest layer, Step step, long current, long total);

    /** The registry had the layer already, in another repository. */
    void mounted(Digest layer, ImageReference from);

    /** Not all that the index names is here: the image goes without it, and has another digest there. */
    void withoutIndex(Descriptor index, Descriptor manifest);

    /** The registry has the image under its tag. */
    void ends(String tag, Descriptor served);
}
