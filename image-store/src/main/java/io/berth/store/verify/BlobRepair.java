package io.berth.store.verify;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Ingest;
import io.berth.store.content.Lease;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.registry.Credentials;
import io.berth.store.registry.Registries;
import io.berth.store.registry.RegistryException;
import io.berth.store.registry.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * Fetches a damaged or missing blob again from the registries that an image's digests name. Only what has the right digest takes
 * the old one's place, in one step.
 */
public final class BlobRepair {

    /** What was achieved, in words. */
    record Outcome(boolean mended, String words) {}

    /** How a registry is asked for a blob. */
    enum Role { DOCUMENT, BLOB }

    private final BlobStore blobs;
    private final Supplier<Registries> registries;
    private final Credentials credentials;

    /** @param registries asked for when the first blob has to be fetched */
    public BlobRepair(BlobStore blobs, Supplier<Registries> registries, Credentials credentials) {
        this.blobs = blobs;
        this.registries = registries;
        this.credentials = credentials;
    }

    /**
     * @param size in bytes, when it is known
     * @param roles how the blob may have to be asked for, the likeliest first
     * @param origins names with a digest: repositories that have it
     */
    Outcome fetch(Digest blob, OptionalLong size, List<Role> roles, List<ImageReference> origins, Lease lease) {
        if (origins.isEmpty()) {
            return new Outcome(false, "no registry is known that has it: load, import or pull the image again");
        }
        List<String> failures = new ArrayList<>();
        for (ImageReference origin : origins) {
            Repository repository = registries.get().repository(origin, credentials, Registries.Access.PULL);
            for (Role role : roles) {
                Optional<String> failure = attempt(repository, blob, size, role, lease);
                if (failure.isEmpty()) {
                    return new Outcome(true, "fetched again from " + origin.familiarName());
                }
                failures.add(origin.familiarName() + ": " + failure.get());
            }
        }
        return new Outcome(false, "it could not be fetched again from " + String.join(", nor from ", failures));
    }

    private Optional<String> attempt(Repository repository, Digest blob, OptionalLong size, Role role, Lease lease) {
        try (Ingest ingest = blobs.ingest()) {
            switch (role) {
                case DOCUMENT -> ingest.write(repository.manifest(blob.toString()).content());
                case BLOB -> {
                    try (InputStream content = repository.blob(new Descriptor("", blob, size.orElse(-1), Optional.empty(), Map.of()), 0)) {
                        ingest.writeAll(content);
                    }
                }
            }
            ingest.commit(lease, Optional.of(blob));
            return Optional.empty();
        } catch (RegistryException | StoreException | IOException refused) {
            return Optional.of(refused.getMessage());
        }
    }
}
