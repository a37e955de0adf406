package io.berth.daemon;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** An image of two layers, compressed: the root file system that all such images share, and a few files of its own. */
final class SmallImage {

    private static final byte[] BASE = TestImage.rootFileSystem();
    private static final byte[] PACKED_BASE = gzip(BASE);

    private final byte[] own;
    private final byte[] packed;
    private final byte[] config;

    SmallImage(String content) {
        own = tar(Map.of("etc/own", content.getBytes(StandardCharsets.UTF_8), "etc/more", content.repeat(5000).getBytes(StandardCharsets.UTF_8)));
        packed = gzip(own);
        config = ("{\"architecture\":\"%s\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"cat\",\"/etc/own\"],\"Env\":[\"PATH=/bin\"]},"
                + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:%s\",\"sha256:%s\"]}}").formatted(
                        System.getProperty("os.arch"), sha256(BASE), sha256(own)).getBytes(StandardCharsets.UTF_8);
    }

    /** {@code sha256:…}. */
    String id() {
        return "sha256:" + sha256(config);
    }

    /** For {@code docker load}. */
    byte[] archive(String name) {
        String manifest = "[{\"Config\":\"config\",\"RepoTags\":[\"" + name + "\"],\"Layers\":[\"base\",\"own\"]}]";
        return tar(Map.of("config", config, "base", PACKED_BASE, "own", packed, "manifest.json", manifest.getBytes(StandardCharsets.UTF_8)));
    }

    /** The files of its own, for {@code docker import}. */
    byte[] ownFiles() {
        return own.clone();
    }

    /** Puts it into the storage of Debian's docker-registry (distribution's registry/storage/paths.go). */
    void putInto(Path registry, String repository, String tag) throws IOException {
        String type = "application/vnd.docker.";
        byte[] manifest = ("{\"schemaVersion\":2,\"mediaType\":\"" + type + "distribution.manifest.v2+json\",\"config\":" + descriptor(type
                + "container.image.v1+json", config) + ",\"layers\":[" + descriptor(type + "image.rootfs.diff.tar.gzip", PACKED_BASE) + ","
                + descriptor(type + "image.rootfs.diff.tar.gzip", packed) + "]}").getBytes(StandardCharsets.UTF_8);
        Path root = registry.resolve("docker/registry/v2");
        Path of = root.resolve("repositories").resolve(repository);
        for (byte[] blob : List.of(manifest, config, PACKED_BASE, packed)) {
            write(root.resolve("blobs/sha256/" + sha256(blob).substring(0, 2) + "/" + sha256(blob) + "/data"), blob);
            link(of.resolve("_layers/sha256/" + sha256(blob) + "/link"), blob);
        }
        link(of.resolve("_manifests/revisions/sha256/" + sha256(manifest) + "/link"), manifest);
        link(of.resolve("_manifests/tags/" + tag + "/current/link"), manifest);
        link(of.resolve("_manifests/tags/" + tag + "/index/sha256/" + sha256(manifest) + "/link"), manifest);
    }

    private static void link(Path file, byte[] to) throws IOException {
        write(file, ("sha256:" + sha256(to)).getBytes(StandardCharsets.UTF_8));
    }

    private static void write(Path file, byte[] content) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    private static String descriptor(String mediaType, byte[] blob) {
        return "{\"mediaType\":\"" + mediaType + "\",\"size\":" + blob.length + ",\"digest\":\"sha256:" + sha256(blob) + "\"}";
    }

    private static byte[] tar(Map<String, byte[]> files) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (String name : files.keySet().stream().sorted().toList()) {
                TarArchiveEntry entry = new TarArchiveEntry(name);
                entry.setSize(files.get(name).length);
                entry.setModTime(1_600_000_000_000L);
                tar.putArchiveEntry(entry);
                tar.write(files.get(name));
                tar.closeArchiveEntry();
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return bytes.toByteArray();
    }

    private static byte[] gzip(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return bytes.toByteArray();
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }
}
