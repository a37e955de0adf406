package io.berth.store.content;

import io.berth.store.durable.DurableFiles.OpenFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Content on its way into the store: hashed while it is written, once; a blob only after {@link #commit}. Closing it before
 * that throws the content away. The disk is kept busy while more is written, so that the sync at the end finds little to do.
 *
 * <p>For one thread at a time.
 */
public final class Ingest extends OutputStream {

    /** So much is written before the disk is nudged. */
    private static final long FLUSH_EVERY = 16L << 20;

    private final BlobStore store;
    private final Path path;
    private final OpenFile file;
    private final MessageDigest hash = Digest.sha256();
    private long size;
    private long flushedAt;
    private CompletableFuture<Void> flush = CompletableFuture.completedFuture(null);
    private Digest digest;
    private boolean committed;
    private boolean closed;

    Ingest(BlobStore store, Path path, OpenFile file) {
        this.store = store;
        this.path = path;
        this.file = file;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        if (digest != null) {
            throw new IllegalStateException("the digest of " + path + " is already taken");
        }
        hash.update(bytes, offset, length);
        file.write(size, ByteBuffer.wrap(bytes, offset, length));
        size += length;
        if (size - flushedAt >= FLUSH_EVERY && flush.isDone()) {
            flushInBackground();
        }
    }

    /** Writes all that is left of a stream. */
    public void writeAll(InputStream content) {
        byte[] buffer = new byte[256 * 1024];
        try {
            for (int count; (count = content.read(buffer)) >= 0;) {
                write(buffer, 0, count);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure.getMessage(), failure);
        }
    }

    public long size() {
        return size;
    }

    /** The digest of all that was written; nothing can be written after it. */
    public Digest digest() {
        if (digest == null) {
            digest = Digest.ofHash(hash.digest());
        }
        return digest;
    }

    /** What was written so far, from its beginning. Valid until this is closed, also after the commit. */
    public InputStream read() {
        return Channels.newInputStream(new ReadOnlyView(file, size));
    }

    /** Begins to bring the content to the disk and does not wait. */
    public void flushInBackground() {
        flushedAt = size;
        flush = CompletableFuture.runAsync(file::sync, Thread::startVirtualThread);
    }

    /**
     * Makes the content a blob: synced, renamed, the name synced. Returns when that is durable.
     *
     * @param lease holds the blob from before it can be seen
     * @throws StoreException when it is not the content that was expected
     */
    public Digest commit(Lease lease, Optional<Digest> expected) {
        if (expected.isPresent() && !expected.get().equals(digest())) {
            throw StoreException.invalid("unexpected content: its digest is " + digest() + ", expected " + expected.get());
        }
        // A sync that failed is not repeated: the kernel may have dropped the pages, and the second would falsely succeed.
        flush.join();
        file.sync();
        store.adopt(path, digest(), lease);
        committed = true;
        return digest();
    }

    /** Ends reading too. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        flush.handle((done, failed) -> done).join();
        file.close();
        if (!committed) {
            store.discard(path);
        }
    }
}
