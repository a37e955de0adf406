package io.berth.store.transfer;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Ingest;
import io.berth.store.content.Lease;
import io.berth.store.content.StoreException;
import io.berth.store.image.Manifest;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.registry.RegistryException;
import io.berth.store.registry.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** The small parts of an image: manifests, configurations, attestations. What the store has is not asked for again. */
final class Documents {

    private static final int LARGEST = 8 << 20;

    private final Repository repository;
    private final BlobStore blobs;
    private final Lease lease;
    private final int attempts;
    private final Set<Digest> taken = new HashSet<>();

    Documents(Repository repository, BlobStore blobs, Lease lease, int attempts) {
        this.repository = repository;
        this.blobs = blobs;
        this.lease = lease;
        this.attempts = attempts;
    }

    /** Every document that was asked of this. */
    Set<Digest> taken() {
        return taken;
    }

    /** A manifest, kept byte for byte. */
    Manifest manifest(Digest digest) {
        taken.add(digest);
        Optional<byte[]> here = here(digest);
        if (here.isPresent()) {
            return Manifest.read(here.get());
        }
        byte[] content = repository.manifest(digest.toString()).content();
        blobs.put(content, lease);
        return Manifest.read(content);
    }

    /** A configuration, or another small blob. */
    byte[] blob(Descriptor descriptor) {
        taken.add(descriptor.digest());
        return here(descriptor.digest()).orElseGet(() -> {
            if (descriptor.size() > LARGEST) {
                throw StoreException.invalid("download " + descriptor.digest() + ": " + descriptor.size() + " bytes are too many for a document");
            }
            download(descriptor);
            return blobs.readDocument(descriptor.digest());
        });
    }

    /** What is damaged here comes anew, and takes its place. */
    private Optional<byte[]> here(Digest digest) {
        try {
            return lease.hold(digest) ? Optional.of(blobs.readDocument(digest)) : Optional.empty();
        } catch (StoreException damaged) {
            return Optional.empty();
        }
    }

    private void download(Descriptor descriptor) {
        try (InputStream content = new ResumingStream(repository, descriptor, attempts); Ingest ingest = blobs.ingest()) {
            ingest.write(content.readNBytes(LARGEST));
            if (content.read() >= 0) {
                throw StoreException.invalid("download " + descriptor.digest() + ": it is longer than " + LARGEST + " bytes, too long for a document");
            }
            ingest.commit(lease, Optional.of(descriptor.digest()));
        } catch (IOException failure) {
            throw new RegistryException(RegistryException.Kind.UNAVAILABLE, "download " + descriptor.digest() + ": " + failure.getMessage(), failure);
        }
    }
}
