package io.berth.store.transfer;

import io.berth.store.content.Digest;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.registry.Credentials;
import io.berth.store.registry.Registries;
import io.berth.store.registry.RegistryException;
import io.berth.store.registry.RegistryException.Kind;
import io.berth.store.registry.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A repository in memory that remembers what was pushed to it; every name leads to it. */
final class PushedRepository implements Repository, Registries {

    final Map<Digest, byte[]> blobs = new ConcurrentHashMap<>();
    final Map<String, Document> manifests = new ConcurrentHashMap<>();
    /** {@code upload sha256:…}, {@code mount sha256:… FROM}, {@code manifest REFERENCE}, in their order. */
    final List<String> done = new CopyOnWriteArrayList<>();
    /** Paths of other repositories and what they have, to be mounted. */
    final Map<String, Set<Digest>> others = new ConcurrentHashMap<>();
    /** Run in the middle of each upload. */
    volatile Consumer<Digest> uploading = blob -> { };

    @Override
    public Repository repository(ImageReference name, Credentials credentials, Access access) {
        return this;
    }

    @Override
    public ImageReference name() {
        return ImageReference.parse("registry.test/app");
    }

    @Override
    public Descriptor describe(String reference) {
        return manifest(reference).descriptor();
    }

    @Override
    public Document manifest(String reference) {
        return Optional.ofNullable(manifests.get(reference)).orElseThrow(() -> new RegistryException(Kind.NOT_FOUND, "manifest unknown"));
    }

    @Override
    public InputStream blob(Descriptor descriptor, long from) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<InputStream> part(Descriptor descriptor, long from, long length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<String> tags() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean hasBlob(Digest digest) {
        return blobs.containsKey(digest);
    }

    @Override
    public boolean mount(Digest digest, ImageReference from) {
        if (!others.getOrDefault(from.path(), Set.of()).contains(digest)) {
            return false;
        }
        done.add("mount " + digest + ' ' + from.path());
        blobs.put(digest, new byte[0]);
        return true;
    }

    @Override
    public void upload(Digest digest, long size, Content content, Sent progress) {
        try (InputStream in = content.open()) {
            byte[] bytes = in.readAllBytes();
            if (bytes.length != size || !Digest.of(bytes).equals(digest)) {
                throw new RegistryException(Kind.INVALID, "digest invalid");
            }
            progress.bytes(size / 2);
            uploading.accept(digest);
            blobs.put(digest, bytes);
            done.add("upload " + digest);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void putManifest(String reference, Document document) {
        done.add("manifest " + reference);
        manifests.put(reference, document);
        manifests.put(document.descriptor().digest().toString(), document);
    }

    List<String> uploads() {
        return done.stream().filter(line -> line.startsWith("upload ")).toList();
    }
}
