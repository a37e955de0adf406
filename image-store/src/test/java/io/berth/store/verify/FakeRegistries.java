package io.berth.store.verify;

import io.berth.store.content.Digest;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.registry.Credentials;
import io.berth.store.registry.Registries;
import io.berth.store.registry.RegistryException;
import io.berth.store.registry.Repository;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Registries that all have the same blobs. */
final class FakeRegistries implements Registries {

    private final Map<Digest, byte[]> served = new HashMap<>();
    private final TreeSet<String> asked = new TreeSet<>();

    void serve(byte[] content) {
        served.put(Digest.of(content), content);
    }

    void serveInstead(Digest digest, byte[] content) {
        served.put(digest, content);
    }

    /** Repositories that were asked for something. */
    List<String> asked() {
        return List.copyOf(asked);
    }

    private byte[] find(ImageReference repository, Digest digest) {
        asked.add(repository.familiarName());
        return Optional.ofNullable(served.get(digest))
                .orElseThrow(() -> new RegistryException(RegistryException.Kind.NOT_FOUND, digest + " is unknown"));
    }

    @Override
    public Repository repository(ImageReference name, Credentials credentials, Access access) {
        return new Repository() {
            @Override
            public ImageReference name() {
                return name;
            }

            @Override
            public Descriptor describe(String reference) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Document manifest(String reference) {
                byte[] content = find(name, Digest.parse(reference));
                return new Document(new Descriptor("", Digest.of(content), content.length, Optional.empty(), Map.of()), content);
            }

            @Override
            public InputStream blob(Descriptor descriptor, long from) {
                return new ByteArrayInputStream(find(name, descriptor.digest()));
            }

            @Override
            public Optional<InputStream> part(Descriptor descriptor, long from, long length) {
                return Optional.empty();
            }

            @Override
            public List<String> tags() {
                throw new UnsupportedOperationException();
            }

            @Override
            public boolean hasBlob(Digest digest) {
                return served.containsKey(digest);
            }

            @Override
            public boolean mount(Digest digest, ImageReference from) {
                return false;
            }

            @Override
            public void upload(Digest digest, long size, Content content, Sent progress) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void putManifest(String reference, Document document) {
                throw new UnsupportedOperationException();
            }
        };
    }
}
