package io.berth.daemon.image;

import io.berth.api.image.ProgressSink;
import io.berth.api.wire.image.Progress;
import io.berth.daemon.failpoint.Failpoint;
import io.berth.store.content.Digest;
import io.berth.store.image.ImageReference;
import io.berth.store.transfer.PullProgress;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The lines that a client sees of a pull, from the threads that pull to the one that writes. A client that reads slowly holds no
 * download up: of a layer's progress only the newest waits for it.
 */
final class PullLines implements PullProgress {

    private static final int SHOWN_DIGITS = 12;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** By what they say; a count takes the place of the count before. */
    private final LinkedHashMap<Object, Progress> waiting = new LinkedHashMap<>();
    private boolean ended;

    @Override
    public void begins(ImageReference name) {
        Failpoint.PULL_BEGUN.reach();
        add(Progress.status(name.digest().isPresent() ? name.familiar() : name.tag().orElseThrow(), "Pulling from " + name.path()));
    }

    @Override
    public void layer(Digest blob, Step step, long current, long total) {
        if (step == Step.DOWNLOADED) {
            Failpoint.PULL_LAYER_ARRIVED.reach();
        }
        String id = blob.hex().substring(0, SHOWN_DIGITS);
        Progress line = Progress.step(id, words(step), current, total);
        put(step == Step.DOWNLOADING ? id : new Object(), line);
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
        add(Progress.status("Digest: " + digest));
    }

    void add(Progress line) {
        put(new Object(), line);
    }

    private void put(Object key, Progress line) {
        lock.lock();
        try {
            // A layer's count stands where the first one stood: behind that nothing else of the layer can be yet.
            waiting.put(key, line);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** No line follows. */
    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Writes lines as they come, until the last one. */
    void writeAll(ProgressSink sink) throws IOException, InterruptedException {
        while (true) {
            Progress line;
            lock.lockInterruptibly();
            try {
                while (waiting.isEmpty() && !ended) {
                    changed.await();
                }
                if (waiting.isEmpty()) {
                    return;
                }
                line = waiting.pollFirstEntry().getValue();
            } finally {
                lock.unlock();
            }
            sink.write(line);
        }
    }
}
