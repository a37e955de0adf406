package io.berth.store.transfer;

import io.berth.store.content.Digest;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Manifest.Descriptor;
import java.util.List;

/** The progress of a push as lines. */
record RecordedPush(List<String> told) implements PushProgress {

    @Override
    public void begins(String repository) {
        told.add("begins " + repository);
    }

    @Override
    public void layer(Digest layer, Step step, long current, long total) {
        told.add(step + " " + layer);
    }

    @Override
    public void mounted(Digest layer, ImageReference from) {
        told.add("MOUNTED " + layer + " " + from.path());
    }

    @Override
    public void withoutIndex(Descriptor index, Descriptor manifest) {
        told.add("WITHOUT " + index.digest());
    }

    @Override
    public void ends(String tag, Descriptor served) {
        told.add("ends " + tag + " " + served.digest());
    }
}
