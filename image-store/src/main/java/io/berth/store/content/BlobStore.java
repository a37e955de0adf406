package io.berth.store.content;

import io.berth.store.durable.DurableFiles;
import io.berth.store.durable.DurableFiles.OpenFile;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Content by its digest, as it came: layers, configurations, manifests. Below the root:
 *
 * <pre>
 * blobs/sha256/HEX   complete and verified, from the moment the name exists
 * ingest/N           on its way; removed when the store is opened
 * </pre>
 *
 * <p>A blob is written to {@code ingest}, hashed on the way, synced, renamed, and its directory synced, in this order: after
 * any crash a name in {@code blobs} leads to the whole content. Several writers of the same blob do not disturb each other; the
 * last rename wins, and heals a copy that was damaged.
 *
 * <p>Nothing is removed but by {@link #removeUnless}, which spares what a {@link Lease} holds. Thread-safe.
 */
public final class BlobStore {

    private static final long LARGEST_DOCUMENT = 16L << 20;

    private final DurableFiles files;
    private final Path blobs;
    private final Path ingests;
    private final AtomicLong nextIngest = new AtomicLong();
    /** Guards the leases and, against them, the removal of blobs. */
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Lease, Set<Digest>> leases = new HashMap<>();
    private final Set<Path> arriving = ConcurrentHashMap.newKeySet();

    private BlobStore(DurableFiles files, Path root) {
        this.files = files;
        this.blobs = root.resolve("blobs").resolve("sha256");
        this.ingests = root.resolve("ingest");
    }

    /** Opens the store below {@code root}, makes its directories and removes what an earlier life left unfinished. */
    public static BlobStore open(DurableFiles files, Path root) {
        BlobStore store = new BlobStore(files, root);
        files.makeDirectories(store.blobs);
        files.makeDirectories(store.ingests);
        files.list(store.ingests).forEach(name -> files.delete(store.ingests.resolve(name)));
        return store;
    }

    public Ingest ingest() {
        Path path = ingests.resolve(Long.toString(nextIngest.incrementAndGet()));
        arriving.add(path);
        try {
            return new Ingest(this, path, files.create(path));
        } catch (RuntimeException failure) {
            arriving.remove(path);
            throw failure;
        }
    }

    /** What lies in the ingest area and nobody is writing. */
    public List<Path> strays() {
        return files.list(ingests).stream().map(ingests::resolve).filter(path -> !arriving.contains(path)).filter(files::exists).toList();
    }

    public void removeStrays() {
        strays().forEach(files::delete);
    }

    /** Puts a small document into the store. */
    public Digest put(byte[] content, Lease lease) {
        try (Ingest ingest = ingest()) {
            ingest.write(content, 0, content.length);
            return ingest.commit(lease, Optional.empty());
        }
    }

    public Lease lease() {
        Lease lease = new Lease(this);
        lock.lock();
        try {
            leases.put(lease, lease.held());
        } finally {
            lock.unlock();
        }
        return lease;
    }

    public boolean has(Digest digest) {
        return files.exists(path(digest));
    }

    /** In bytes; empty when there is no such blob. */
    public OptionalLong size(Digest digest) {
        Optional<OpenFile> found = files.find(path(digest));
        if (found.isEmpty()) {
            return OptionalLong.empty();
        }
        try (OpenFile file = found.get()) {
            return OptionalLong.of(file.size());
        }
    }

    /**
     * The content, not verified again; a blob that is removed meanwhile can be read to its end.
     *
     * @throws StoreException when there is no such blob
     */
    public InputStream read(Digest digest) {
        OpenFile file = files.find(path(digest))
                .orElseThrow(() -> StoreException.notFound("read blob " + digest + ": it is not in the store"));
        return new FilterInputStream(Channels.newInputStream(new ReadOnlyView(file, file.size()))) {
            @Override
            public void close() throws IOException {
                super.close();
                file.close();
            }
        };
    }

    /** A document as a whole, verified. */
    public byte[] readDocument(Digest digest) {
        long size = size(digest).orElse(0);
        if (size > LARGEST_DOCUMENT) {
            throw StoreException.corrupt("read blob " + digest + ": " + size + " bytes are too many for a document");
        }
        byte[] content = files.read(path(digest))
                .orElseThrow(() -> StoreException.notFound("read blob " + digest + ": it is not in the store"));
        if (!Digest.of(content).equals(digest)) {
            throw StoreException.corrupt("read blob " + digest + ": it is damaged; load or pull its image again");
        }
        return content;
    }

    public List<Digest> list() {
        return files.list(blobs).stream().filter(Digest::isHex).map(Digest::new).toList();
    }

    /** The directory of all blobs. */
    public Path root() {
        return blobs;
    }

    /** Where a blob is, for those who read it by other means. */
    public Path path(Digest digest) {
        return blobs.resolve(digest.hex());
    }

    /**
     * Removes those of {@code candidates} that are neither in {@code needed} nor held by a lease.
     *
     * @return what was removed
     */
    public List<Digest> removeUnless(Set<Digest> needed, Iterable<Digest> candidates) {
        List<Digest> removed = new ArrayList<>();
        lock.lock();
        try {
            Set<Digest> leased = leased();
            for (Digest candidate : candidates) {
                if (!needed.contains(candidate) && !leased.contains(candidate) && has(candidate)) {
                    files.delete(path(candidate));
                    removed.add(candidate);
                }
            }
        } finally {
            lock.unlock();
        }
        return removed;
    }

    boolean hold(Lease lease, Digest digest) {
        lock.lock();
        try {
            if (!has(digest)) {
                return false;
            }
            lease.held().add(digest);
        } finally {
            lock.unlock();
        }
        // Whoever put it there may not have come to this yet.
        files.syncDirectory(blobs);
        return true;
    }

    void keep(Lease lease, Digest digest) {
        lock.lock();
        try {
            lease.held().add(digest);
        } finally {
            lock.unlock();
        }
    }

    /** Everything that leases hold now. */
    public Set<Digest> leased() {
        lock.lock();
        try {
            Set<Digest> leased = new HashSet<>();
            leases.values().forEach(leased::addAll);
            return leased;
        } finally {
            lock.unlock();
        }
    }

    void end(Lease lease) {
        lock.lock();
        try {
            leases.remove(lease);
        } finally {
            lock.unlock();
        }
    }

    /** The file is synced; gives it its name. The lease holds before the name can be seen. */
    void adopt(Path ingest, Digest digest, Lease lease) {
        lock.lock();
        try {
            lease.held().add(digest);
            files.rename(ingest, path(digest));
        } finally {
            lock.unlock();
        }
        arriving.remove(ingest);
        files.syncDirectory(blobs);
    }

    void discard(Path ingest) {
        files.delete(ingest);
        arriving.remove(ingest);
    }
}
