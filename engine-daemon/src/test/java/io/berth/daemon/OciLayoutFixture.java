package io.berth.daemon;

import io.berth.store.registry.TestRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A directory with an image for several platforms, as skopeo reads it: busybox for this machine's, nothing elsewhere. No two are the same image. */
final class OciLayoutFixture {

    static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final String INDEX = "application/vnd.oci.image.index.v1+json";
    private final Path directory;
    private final Map<String, String> manifests = new HashMap<>();
    private String digest;

    private OciLayoutFixture(Path directory) {
        this.directory = directory;
    }

    static OciLayoutFixture write(Path directory, List<String> architectures) throws IOException {
        OciLayoutFixture layout = new OciLayoutFixture(directory);
        Files.createDirectories(directory.resolve("blobs/sha256"));
        List<String> manifests = new ArrayList<>();
        for (String architecture : architectures) {
            byte[] layer = architecture.equals(here()) ? TestImage.rootFileSystem() : new byte[1024];
            String config = "{\"os\":\"linux\",\"architecture\":\"%s\",\"comment\":\"%s\",\"config\":{\"Cmd\":[\"sh\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:%s\"]}}"
                    .formatted(architecture, directory.getFileName(), TestImage.sha256(layer));
            String manifest = "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}".formatted(MANIFEST,
                    layout.blob("application/vnd.oci.image.config.v1+json", bytes(config), ""),
                    layout.blob("application/vnd.oci.image.layer.v1.tar", layer, ""));
            layout.manifests.put(architecture, "sha256:" + TestImage.sha256(bytes(manifest)));
            manifests.add(layout.blob(MANIFEST, bytes(manifest), ",\"platform\":{\"os\":\"linux\",\"architecture\":\"" + architecture + "\"}"));
        }
        String index = "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}".formatted(INDEX, String.join(",", manifests));
        layout.digest = "sha256:" + TestImage.sha256(bytes(index));
        Files.writeString(directory.resolve("index.json"), "{\"schemaVersion\":2,\"manifests\":[" + layout.blob(INDEX, bytes(index), "") + "]}");
        Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        return layout;
    }

    /** As images name it. */
    static String here() {
        return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    }

    private String blob(String mediaType, byte[] content, String more) throws IOException {
        Files.write(directory.resolve("blobs/sha256").resolve(TestImage.sha256(content)), content);
        return "{\"mediaType\":\"%s\",\"digest\":\"sha256:%s\",\"size\":%d%s}".formatted(mediaType, TestImage.sha256(content), content.length, more);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Puts all of it into a registry behind its back; each image has its architecture as its tag, too. */
    void put(TestRegistry registry, String repository, String tag) throws IOException {
        List<byte[]> all = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory.resolve("blobs/sha256"))) {
            for (Path file : files) {
                all.add(Files.readAllBytes(file));
            }
        }
        for (Map.Entry<String, String> image : manifests.entrySet()) {
            registry.put(repository, image.getKey(), read(image.getValue()), all);
        }
        registry.put(repository, tag, read(digest), List.of());
    }

    private byte[] read(String digest) throws IOException {
        return Files.readAllBytes(directory.resolve("blobs").resolve(digest.replace(':', '/')));
    }

    /** The digest of one of its manifests. */
    String manifest(String architecture) {
        return manifests.get(architecture);
    }

    /** Of the index. */
    String digest() {
        return digest;
    }

    Path directory() {
        return directory;
    }
}
