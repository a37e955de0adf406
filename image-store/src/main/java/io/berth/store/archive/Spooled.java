package io.berth.store.archive;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Ingest;
import io.berth.store.content.Lease;
import io.berth.store.content.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;

/** One file of an archive, set aside until it is known what it is for. Its digest is known from the one pass that wrote it. */
sealed interface Spooled extends AutoCloseable {

    Digest digest();

    long size();

    InputStream read();

    /** Makes it a blob, durably. */
    void commit(BlobStore blobs, Lease lease);

    /** Throws away what has not become a blob. */
    @Override
    void close();

    /** A small file, in memory. */
    record Small(Digest digest, byte[] content) implements Spooled {
        @Override
        public long size() {
            return content.length;
        }

        @Override
        public InputStream read() {
            return new ByteArrayInputStream(content);
        }

        @Override
        public void commit(BlobStore blobs, Lease lease) {
            blobs.put(content, lease);
        }

        @Override
        public void close() {
            // Memory only.
        }
    }

    /** A large one, in the store's ingest area. */
    record Large(Digest digest, Ingest ingest) implements Spooled {
        @Override
        public long size() {
            return ingest.size();
        }

        @Override
        public InputStream read() {
            return ingest.read();
        }

        @Override
        public void commit(BlobStore blobs, Lease lease) {
            ingest.commit(lease, Optional.of(digest));
        }

        @Override
        public void close() {
            ingest.close();
        }
    }

    int LARGEST_DOCUMENT = 4 << 20;

    /** The whole of it, as a document. */
    default byte[] document(String what) {
        if (size() > LARGEST_DOCUMENT) {
            throw StoreException.invalid("read " + what + ": " + size() + " bytes are too many for a document");
        }
        try (InputStream content = read()) {
            return content.readAllBytes();
        } catch (IOException failure) {
            throw new UncheckedIOException("read " + what + ": " + failure.getMessage(), failure);
        }
    }
}
