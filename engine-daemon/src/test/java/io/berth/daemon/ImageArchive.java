package io.berth.daemon;

import io.berth.store.content.Digest;
import io.berth.store.registry.TestRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** An image of a test's own making, as an archive for {@code docker load}; the same words make the same image, byte by byte. */
final class ImageArchive {

    private final List<String> names;
    private final List<byte[]> layers = new ArrayList<>();
    private final Map<String, String> labels = new LinkedHashMap<>();
    private String created = "2026-01-01T00:00:00Z";

    private ImageArchive(List<String> names) {
        this.names = names;
    }

    /** @param names such as {@code a:1}; none leaves the image dangling */
    static ImageArchive of(String... names) {
        return new ImageArchive(List.of(names));
    }

    ImageArchive created(String time) {
        created = time;
        return this;
    }

    ImageArchive label(String name, String value) {
        labels.put(name, value);
        return this;
    }

    /** The next layer up. */
    ImageArchive layer(byte[] tar) {
        layers.add(tar);
        return this;
    }

    /** A layer with one file. */
    ImageArchive file(String path, byte[] content) {
        return layer(tar(Map.of(path, content)));
    }

    String id() {
        return "sha256:" + sha256(config());
    }

    /** The digests of the layers as people see them in the answers to a removal, the lowest first. */
    List<String> chains() {
        List<String> chains = new ArrayList<>();
        for (byte[] layer : layers) {
            String diffId = "sha256:" + sha256(layer);
            chains.add(chains.isEmpty() ? diffId : "sha256:" + sha256((chains.getLast() + ' ' + diffId).getBytes(StandardCharsets.UTF_8)));
        }
        return chains;
    }

    private byte[] config() {
        String texts = labels.entrySet().stream().map(label -> quoted(label.getKey()) + ':' + quoted(label.getValue())).collect(Collectors.joining(","));
        String diffIds = layers.stream().map(layer -> quoted("sha256:" + sha256(layer))).collect(Collectors.joining(","));
        String history = layers.stream().map(layer -> "{\"created\":" + quoted(created) + ",\"created_by\":\"a test\"}").collect(Collectors.joining(","));
        return """
                {"architecture":"%s","os":"linux","created":"%s","config":{"Cmd":["sh"],"Env":["PATH=/bin"],"Labels":{%s}},\
                "rootfs":{"type":"layers","diff_ids":[%s]},"history":[%s]}""".formatted(System.getProperty("os.arch"), created, texts, diffIds,
                history).getBytes(StandardCharsets.UTF_8);
    }

    /** Puts the same image into a registry; the digest of its manifest there. */
    Digest put(TestRegistry registry, String repository, String tag) throws IOException {
        return RegistryImage.put(registry, repository, tag, config(), layers);
    }

    byte[] bytes() {
        byte[] config = config();
        Map<String, byte[]> members = new LinkedHashMap<>();
        List<String> paths = new ArrayList<>();
        for (byte[] layer : layers) {
            String path = sha256(layer) + "/layer.tar";
            paths.add(quoted(path));
            members.put(path, layer);
        }
        String configName = sha256(config) + ".json";
        members.put(configName, config);
        members.put("manifest.json", "[{\"Config\":\"%s\",\"RepoTags\":[%s],\"Layers\":[%s]}]".formatted(configName,
                names.stream().map(ImageArchive::quoted).collect(Collectors.joining(",")), String.join(",", paths)).getBytes(StandardCharsets.UTF_8));
        return tar(members);
    }

    /** A tar with these files and the directories they are in. */
    static byte[] tar(Map<String, byte[]> files) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            Set<String> made = new HashSet<>();
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                int slash = file.getKey().lastIndexOf('/');
                if (slash > 0 && made.add(file.getKey().substring(0, slash))) {
                    TarArchiveEntry directory = new TarArchiveEntry(file.getKey().substring(0, slash + 1));
                    directory.setModTime(0L);
                    tar.putArchiveEntry(directory);
                    tar.closeArchiveEntry();
                }
                TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
                entry.setSize(file.getValue().length);
                entry.setModTime(0L);
                tar.putArchiveEntry(entry);
                tar.write(file.getValue());
                tar.closeArchiveEntry();
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return bytes.toByteArray();
    }

    private static String quoted(String text) {
        return '"' + text + '"';
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }
}
