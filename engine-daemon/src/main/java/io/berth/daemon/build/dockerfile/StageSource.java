package io.berth.daemon.build.dockerfile;

import io.berth.store.image.ImageReference;

/** What a stage stands on, or what files are copied or mounted from. */
public sealed interface StageSource {

    /** Nothing at all. */
    record Scratch() implements StageSource {
    }

    /** @param index of the stage in the file */
    record OfStage(int index) implements StageSource {
    }

    /** A context that the client has under this name. */
    record OfContext(String name) implements StageSource {
    }

    record OfImage(ImageReference reference) implements StageSource {
    }
}
