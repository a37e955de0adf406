package io.berth.daemon;

import io.berth.store.content.Digest;
import io.berth.store.registry.TestRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** An image for a registry of a test's: busybox, and layers above it. Nothing is compressed. */
final class RegistryImage {

    private static final String LAYER = "application/vnd.docker.image.rootfs.diff.tar";

    private final List<byte[]> layers = new ArrayList<>();

    RegistryImage() {
        layers.add(TestImage.rootFileSystem());
    }

    /** A layer with one file, of which no two are equal. */
    RegistryImage with(String file, int size) {
        byte[] content = new byte[size];
        new Random(file.hashCode()).nextBytes(content);
        return with(file, content);
    }

    RegistryImage with(String file, byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            TarArchiveEntry entry = new TarArchiveEntry(file);
            entry.setSize(content.length);
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        layers.add(bytes.toByteArray());
        return this;
    }

    private byte[] config() {
        return ("{\"architecture\":\"" + System.getProperty("os.arch") + "\",\"os\":\"linux\",\"created\":\"2026-01-01T00:00:00Z\","
                + "\"config\":{\"Cmd\":[\"sh\"],\"Env\":[\"PATH=/bin\"],\"Labels\":{\"who\":\"me\"}},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
                + layers.stream().map(layer -> '"' + Digest.of(layer).toString() + '"').collect(Collectors.joining(",")) + "]}}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static String descriptor(String type, byte[] content) {
        return "{\"mediaType\":\"" + type + "\",\"size\":" + content.length + ",\"digest\":\"" + Digest.of(content) + "\"}";
    }

    /** The digest of its manifest. */
    Digest put(TestRegistry registry, String repository, String tag) throws IOException {
        return put(registry, repository, tag, config(), layers);
    }

    /** The same of any image. */
    static Digest put(TestRegistry registry, String repository, String tag, byte[] config, List<byte[]> layers) throws IOException {
        byte[] manifest = ("{\"schemaVersion\":2,\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+json\",\"config\":"
                + descriptor("application/vnd.docker.container.image.v1+json", config) + ",\"layers\":["
                + layers.stream().map(layer -> descriptor(LAYER, layer)).collect(Collectors.joining(",")) + "]}").getBytes(StandardCharsets.UTF_8);
        List<byte[]> blobs = new ArrayList<>(layers);
        blobs.add(config);
        registry.put(repository, tag, manifest, blobs);
        return Digest.of(manifest);
    }
}
