package io.berth.store.verify;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Lease;
import io.berth.store.image.ImageReference;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;

/** Looks at blobs, each once: whether it is there, has its size, has its digest; and has it fetched when it is not so. */
final class BlobCheck {

    private static final int BUFFER = 256 * 1024;

    private final BlobStore blobs;
    private final boolean reads;
    private final Optional<BlobRepair> repair;
    private final Tally tally;
    private final Map<Digest, Boolean> known = new HashMap<>();

    /** @param reads whether to read each, or only to see whether it is there */
    BlobCheck(BlobStore blobs, boolean reads, Optional<BlobRepair> repair, Tally tally) {
        this.blobs = blobs;
        this.reads = reads;
        this.repair = repair;
        this.tally = tally;
    }

    /**
     * What is wanted of a blob.
     *
     * @param what it is: {@code the configuration}
     * @param images that have it, for people
     * @param layer whose blob it is
     */
    record Wanted(Digest digest, OptionalLong size, String what, List<BlobRepair.Role> roles, List<String> images, Optional<Digest> layer,
            List<ImageReference> origins) {}

    /** False when it is not sound, and could not be mended. */
    boolean isSound(Wanted wanted, Lease lease) {
        Boolean before = known.get(wanted.digest());
        if (before != null) {
            return before;
        }
        boolean sound = look(wanted, lease);
        known.put(wanted.digest(), sound);
        return sound;
    }

    private boolean look(Wanted wanted, Lease lease) {
        Optional<String> problem;
        try {
            problem = problem(wanted);
        } catch (UncheckedIOException failure) {
            tally.tell(finding(Finding.Kind.UNREADABLE, wanted, wanted.what() + " cannot be read: " + failure.getMessage()));
            return false;
        }
        if (problem.isEmpty()) {
            return true;
        }
        Finding damage = finding(Finding.Kind.DAMAGE, wanted, wanted.what() + ' ' + problem.get());
        if (repair.isEmpty()) {
            tally.tell(damage);
            return false;
        }
        BlobRepair.Outcome outcome = repair.get().fetch(wanted.digest(), wanted.size(), wanted.roles(), wanted.origins(), lease);
        String unmade = wanted.layer().isPresent() && !outcome.mended()
                ? " (from the unpacked layer it cannot be made: a tar of those files would not be the same bytes)" : "";
        tally.tell(outcome.mended() ? damage.mended(outcome.words()) : damage.unmended(outcome.words() + unmade));
        return outcome.mended();
    }

    private static Finding finding(Finding.Kind kind, Wanted wanted, String problem) {
        return new Finding(kind, wanted.images(), wanted.layer(), Optional.of(wanted.digest()), Optional.empty(), problem, false, "");
    }

    private Optional<String> problem(Wanted wanted) {
        OptionalLong size = blobs.size(wanted.digest());
        if (size.isEmpty()) {
            return Optional.of("is missing");
        }
        tally.blob(size.getAsLong());
        if (wanted.size().isPresent() && wanted.size().getAsLong() >= 0 && size.getAsLong() != wanted.size().getAsLong()) {
            return Optional.of("has " + size.getAsLong() + " bytes instead of " + wanted.size().getAsLong());
        }
        if (!reads) {
            return Optional.empty();
        }
        Digest found = digest(wanted.digest());
        return found.equals(wanted.digest()) ? Optional.empty() : Optional.of("is damaged: its content has the digest " + found);
    }

    private Digest digest(Digest blob) {
        MessageDigest hash = Digest.sha256();
        byte[] buffer = new byte[BUFFER];
        try (InputStream content = blobs.read(blob)) {
            for (int count; (count = content.read(buffer)) >= 0;) {
                hash.update(buffer, 0, count);
                if (Thread.currentThread().isInterrupted()) {
                    throw new CancellationException("verify: cancelled");
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException("read blob " + blob + ": " + failure.getMessage(), failure);
        }
        return Digest.ofHash(hash.digest());
    }
}
