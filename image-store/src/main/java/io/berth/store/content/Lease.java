package io.berth.store.content;

import java.util.HashSet;
import java.util.Set;

/**
 * Keeps blobs from being removed while somebody works with them before an image refers to them: a load, a pull, a build. Ends
 * with {@link #close}; a crash ends it too, and what only leases held is removed at the next clean-up.
 */
public final class Lease implements AutoCloseable {

    private final BlobStore store;
    private final Set<Digest> held = new HashSet<>();

    Lease(BlobStore store) {
        this.store = store;
    }

    /** Holds a blob that is there, durably; false when it is not. */
    public boolean hold(Digest digest) {
        return store.hold(this, digest);
    }

    /** Holds whatever has or will have this digest: a blob that is about to come, the layer of a diff id. */
    public void keep(Digest digest) {
        store.keep(this, digest);
    }

    /** What this lease holds. Guarded by the store. */
    Set<Digest> held() {
        return held;
    }

    @Override
    public void close() {
        store.end(this);
    }
}
