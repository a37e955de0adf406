package io.berth.daemon.image;

import io.berth.api.wire.image.Progress;
import io.berth.api.wire.image.PushedInsteadOfIndex;
import io.berth.api.wire.image.PushedTag;
import io.berth.store.content.Digest;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.transfer.PushProgress;
import java.util.List;

/** What a client sees of a push, in the reference engine's words. */
final class PushLines implements PushProgress {

    private static final int SHOWN_DIGITS = 12;

    private final ProgressLines lines;

    PushLines(ProgressLines lines) {
        this.lines = lines;
    }

    @Override
    public void begins(String repository) {
        lines.add(Progress.status("The push refers to repository [" + repository + "]"));
    }

    @Override
    public void layer(Digest layer, Step step, long current, long total) {
        Object key = step == Step.COMPRESSING || step == Step.PUSHING ? List.of(layer, step) : new Object();
        lines.put(key, Progress.step(shown(layer), words(step), current, total));
    }

    private static String words(Step step) {
        return switch (step) {
            case PREPARING -> "Preparing";
            case WAITING -> "Waiting";
            case COMPRESSING -> "Compressing";
            case PUSHING -> "Pushing";
            case PUSHED -> "Pushed";
            case ALREADY_THERE -> "Layer already exists";
        };
    }

    @Override
    public void mounted(Digest layer, ImageReference from) {
        lines.add(Progress.step(shown(layer), "Mounted from " + from.path(), 0, 0));
    }

    private static String shown(Digest layer) {
        return layer.hex().substring(0, SHOWN_DIGITS);
    }

    @Override
    public void withoutIndex(Descriptor index, Descriptor manifest) {
        lines.add(Progress.made(new PushedInsteadOfIndex(true, descriptor(index), descriptor(manifest))));
    }

    private static PushedInsteadOfIndex.Descriptor descriptor(Descriptor document) {
        return new PushedInsteadOfIndex.Descriptor(document.mediaType(), document.digest().toString(), document.size());
    }

    @Override
    public void ends(String tag, Descriptor served) {
        lines.add(Progress.status(tag + ": digest: " + served.digest() + " size: " + served.size()));
        lines.add(Progress.made(new PushedTag(tag, served.digest().toString(), served.size())));
    }
}
