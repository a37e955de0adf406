package io.berth.daemon.image;

import io.berth.api.wire.image.Progress;
import io.berth.daemon.failpoint.Failpoint;
import io.berth.store.content.Digest;
import io.berth.store.image.ImageReference;
import io.berth.store.transfer.PullProgress;

/** What a client sees of a pull, in the reference engine's words. */
final class PullLines implements PullProgress {

    private static final int SHOWN_DIGITS = 12;

    private final ProgressLines lines;

    PullLines(ProgressLines lines) {
        this.lines = lines;
    }

    @Override
    public void begins(ImageReference name) {
        Failpoint.PULL_BEGUN.reach();
        lines.add(Progress.status(name.digest().isPresent() ? name.familiar() : name.tag().orElseThrow(), "Pulling from " + name.path()));
    }

    @Override
    public void layer(Digest blob, Step step, long current, long total) {
        if (step == Step.DOWNLOADED) {
            Failpoint.PULL_LAYER_ARRIVED.reach();
        }
        String id = blob.hex().substring(0, SHOWN_DIGITS);
        Progress line = Progress.step(id, words(step), current, total);
        lines.put(step == Step.DOWNLOADING ? id : new Object(), line);
    }

    private static String words(Step step) {
        return switch (step) {
            case PENDING -> "Pulling fs layer";
            case WAITING -> "Waiting";
            case DOWNLOADING -> "Downloading";
            case VERIFYING -> "Verifying Checksum";
            case DOWNLOADED -> "Download complete";
            case EXTRACTING -> "Extracting";
            case COMPLETE -> "Pull complete";
            case ALREADY_THERE -> "Already exists";
        };
    }

    @Override
    public void arrived() {
        Failpoint.PULL_ARRIVED.reach();
    }

    @Override
    public void ends(Digest digest) {
        Failpoint.PULL_RECORDED.reach();
        lines.add(Progress.status("Digest: " + digest));
    }
}
