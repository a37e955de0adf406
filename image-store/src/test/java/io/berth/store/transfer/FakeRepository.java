package io.berth.store.transfer;

import io.berth.store.content.Digest;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.registry.RegistryException;
import io.berth.store.registry.Repository;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A repository in memory, which notes what it is asked for and fails as it is told. */
class FakeRepository implements Repository {

    static final ImageReference NAME = ImageReference.parse("registry.test/app");

    final Map<Digest, byte[]> blobs = new ConcurrentHashMap<>();
    final Map<Digest, Document> documents = new ConcurrentHashMap<>();
    final Map<String, Digest> tags = new TreeMap<>();
    final List<String> requests = new CopyOnWriteArrayList<>();
    /** What a blob is sent as instead. */
    final Map<Digest, byte[]> instead = new ConcurrentHashMap<>();
    /** A connection breaks after so many bytes of its blob, each time. */
    final Map<Digest, Integer> breaks = new ConcurrentHashMap<>();
    boolean ranges = true;

    Descriptor add(String mediaType, byte[] content) {
        Digest digest = Digest.of(content);
        blobs.put(digest, content);
        return new Descriptor(mediaType, digest, content.length, Optional.empty(), Map.of());
    }

    Digest document(String mediaType, String json) {
        byte[] content = json.getBytes(StandardCharsets.UTF_8);
        Digest digest = Digest.of(content);
        documents.put(digest, new Document(new Descriptor(mediaType, digest, content.length, Optional.empty(), Map.of()), content));
        return digest;
    }

    long asked(String what) {
        return requests.stream().filter(what::equals).count();
    }

    @Override
    public ImageReference name() {
        return NAME;
    }

    @Override
    public Descriptor describe(String reference) {
        requests.add("HEAD " + reference);
        return find(reference).descriptor();
    }

    @Override
    public Document manifest(String reference) {
        requests.add("GET " + reference);
        return find(reference);
    }

    private Document find(String reference) {
        Digest digest = Digest.isDigest(reference) ? Digest.parse(reference) : tags.get(reference);
        return Optional.ofNullable(digest).map(documents::get)
                .orElseThrow(() -> new RegistryException(RegistryException.Kind.NOT_FOUND, "manifest unknown"));
    }

    @Override
    public InputStream blob(Descriptor descriptor, long from) throws IOException {
        requests.add("GET " + descriptor.digest() + (from == 0 ? "" : " from " + from));
        byte[] content = content(descriptor.digest());
        int at = (int) Math.min(from, content.length);
        int end = Math.min(content.length, at + breaks.getOrDefault(descriptor.digest(), Integer.MAX_VALUE - at));
        return stream(descriptor.digest(), new ByteArrayInputStream(content, at, end - at), end < content.length);
    }

    byte[] content(Digest digest) {
        return Optional.ofNullable(instead.getOrDefault(digest, blobs.get(digest)))
                .orElseThrow(() -> new RegistryException(RegistryException.Kind.NOT_FOUND, "blob unknown"));
    }

    /** For tests that hold a blob up. */
    InputStream stream(Digest blob, InputStream content, boolean breaks) {
        return new FilterInputStream(content) {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int count = super.read(into, offset, Math.min(length, 16 << 10));
                if (count < 0 && breaks) {
                    throw new IOException("connection reset by peer");
                }
                return count;
            }
        };
    }

    @Override
    public Optional<InputStream> part(Descriptor descriptor, long from, long length) {
        requests.add("GET " + descriptor.digest() + " " + from + "+" + length);
        byte[] content = content(descriptor.digest());
        return ranges ? Optional.of(new ByteArrayInputStream(Arrays.copyOfRange(content, (int) from, (int) (from + length)))) : Optional.empty();
    }

    @Override
    public List<String> tags() {
        requests.add("tags");
        return List.copyOf(tags.keySet());
    }

    @Override
    public boolean hasBlob(Digest digest) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean mount(Digest digest, ImageReference from) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void upload(Digest digest, long size, Content content, Sent progress) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void putManifest(String reference, Document document) {
        throw new UnsupportedOperationException();
    }
}
