package io.berth.store.archive;

import io.berth.store.content.Digest;
import io.berth.store.layer.TarFixture;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Archives of one image, in the forms that are around. */
final class ArchiveFixture {

    private final List<byte[]> tars;
    private final List<byte[]> blobs;
    final byte[] config;

    ArchiveFixture(List<byte[]> tars, List<byte[]> blobs) {
        this.tars = tars;
        this.blobs = blobs;
        this.config = ("{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{\"Cmd\":[\"sh\"],\"Env\":[\"A=b\"]},\"rootfs\":"
                + "{\"type\":\"layers\",\"diff_ids\":[" + quoted(tars.stream().map(tar -> Digest.of(tar).toString()).toList())
                + "]}}").getBytes(StandardCharsets.UTF_8);
    }

    static ArchiveFixture plain(byte[]... tars) {
        return new ArchiveFixture(List.of(tars), List.of(tars));
    }

    Digest id() {
        return Digest.of(config);
    }

    List<byte[]> layers() {
        return blobs;
    }

    /** For a {@code manifest.json}. */
    String layerPaths() {
        return quoted(blobs.stream().map(layer -> "blobs/sha256/" + Digest.of(layer).hex()).toList());
    }

    private static String quoted(List<String> texts) {
        return texts.stream().map(text -> '"' + text + '"').collect(Collectors.joining(","));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** As {@code docker save} before 25: layers under names of their own, the manifest last. */
    TarFixture oldDocker(String... names) {
        TarFixture tar = new TarFixture();
        List<String> paths = new ArrayList<>();
        for (int i = 0; i < blobs.size(); i++) {
            tar.directory("l" + i + "/").file("l" + i + "/VERSION", "1.0").file("l" + i + "/layer.tar", blobs.get(i));
            paths.add("l" + i + "/layer.tar");
        }
        return tar.file(id().hex() + ".json", config).file("manifest.json", manifestJson(id().hex() + ".json", paths, names));
    }

    static byte[] manifestJson(String config, List<String> layers, String... names) {
        return bytes("[{\"Config\":\"" + config + "\",\"RepoTags\":" + (names.length == 0 ? "null" : "[" + quoted(List.of(names)) + "]")
                + ",\"Layers\":[" + quoted(layers) + "]}]");
    }

    byte[] ociManifest() {
        List<String> layers = new ArrayList<>();
        for (byte[] blob : blobs) {
            layers.add(descriptor("application/vnd.oci.image.layer.v1.tar", blob));
        }
        return bytes("{\"schemaVersion\":2,\"config\":" + descriptor("application/vnd.oci.image.config.v1+json", config)
                + ",\"layers\":[" + String.join(",", layers) + "]}");
    }

    static String descriptor(String mediaType, byte[] blob) {
        return "{\"mediaType\":\"" + mediaType + "\",\"digest\":\"" + Digest.of(blob) + "\",\"size\":" + blob.length + "}";
    }

    /** As skopeo and buildx write it, the index first; {@code annotations} is JSON. */
    TarFixture oci(String annotations) {
        byte[] manifest = ociManifest();
        String entry = descriptor("application/vnd.oci.image.manifest.v1+json", manifest);
        TarFixture tar = new TarFixture().file("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}").file("index.json",
                "{\"schemaVersion\":2,\"manifests\":[" + entry.substring(0, entry.length() - 1) + ",\"annotations\":"
                        + annotations + "}]}");
        blob(blob(tar, manifest), config);
        blobs.forEach(layer -> blob(tar, layer));
        return tar;
    }

    /** Both in one, as {@code docker save} since 25. */
    TarFixture docker(String... names) {
        TarFixture tar = oci("{}");
        List<String> paths = blobs.stream().map(layer -> "blobs/sha256/" + Digest.of(layer).hex()).toList();
        return tar.file("manifest.json", manifestJson("blobs/sha256/" + id().hex(), paths, names));
    }

    static TarFixture blob(TarFixture tar, byte[] content) {
        return tar.file("blobs/sha256/" + Digest.of(content).hex(), content);
    }
}
