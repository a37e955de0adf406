package io.berth.daemon.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.daemon.RawHttp;
import io.berth.store.registry.TestRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * What it costs to bring an image in and out: 300 MB in five layers, 20,000 small files and a large one in each. A registry of
 * the benchmark's own stands beside the engine, in its network namespace.
 */
final class ImageMoves {

    private static final int ROUNDS = 3;
    private static final int LAYERS = 5;
    private static final int SMALL_FILES = 4_000;
    private static final int SMALL = 3_000;
    private static final int LARGE = 48 << 20;
    private static final String NAME = "berth-moves:1";
    private static final Map<String, String> TAR = Map.of("Content-Type", "application/x-tar");
    /** Nobody's name and password: clients always send the header. */
    private static final Map<String, String> ANYBODY = Map.of("X-Registry-Auth", "e30=");

    private final Subject subject;
    private final byte[] archive;

    ImageMoves(Subject subject) throws IOException {
        this.subject = subject;
        this.archive = archive();
    }

    /** Milliseconds by name. Push and pull only where there is a registry's program. */
    void measure(Path directory, Map<String, Double> results) throws IOException {
        List<Double> load = new ArrayList<>();
        List<Double> save = new ArrayList<>();
        List<Double> push = new ArrayList<>();
        List<Double> pull = new ArrayList<>();
        List<Double> again = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            // a new one each time: an engine may remember what it has pushed where
            try (TestRegistry registry = TestRegistry.program().isEmpty() ? null : TestRegistry.start(directory, TestRegistry.Options.PLAIN, subject::enter)) {
                load.add(millis("POST", "/images/load?quiet=1", TAR, archive, "Loaded image"));
                save.add(millis("GET", "/images/" + NAME + "/get", Map.of(), new byte[0], "manifest.json"));
                if (registry != null) {
                    String repository = registry.address() + "/moves";
                    request("POST", "/images/" + NAME + "/tag?repo=" + repository + "&tag=1", Map.of(), new byte[0], "");
                    push.add(millis("POST", "/images/" + repository + "/push?tag=1", ANYBODY, new byte[0], "\"Digest\""));
                    request("DELETE", "/images/" + repository + ":1?force=1", Map.of(), new byte[0], "");
                    request("DELETE", "/images/" + NAME + "?force=1", Map.of(), new byte[0], "Deleted");
                    String from = "/images/create?fromImage=" + repository + "&tag=1";
                    pull.add(millis("POST", from, ANYBODY, new byte[0], "Downloaded newer image"));
                    again.add(millis("POST", from, ANYBODY, new byte[0], "Image is up to date"));
                    request("DELETE", "/images/" + repository + ":1?force=1", Map.of(), new byte[0], "Deleted");
                } else {
                    request("DELETE", "/images/" + NAME + "?force=1", Map.of(), new byte[0], "Deleted");
                }
            }
        }
        results.put("load of an image of 300 MB, ms", EngineBench.median(load));
        results.put("save of it, ms", EngineBench.median(save));
        if (!push.isEmpty()) {
            results.put("push of it, ms", EngineBench.median(push));
            results.put("pull of it, ms", EngineBench.median(pull));
            results.put("pull of what is there, ms", EngineBench.median(again));
        }
    }

    private double millis(String method, String path, Map<String, String> headers, byte[] body, String expected) throws IOException {
        long start = System.nanoTime();
        request(method, path, headers, body, expected);
        return (System.nanoTime() - start) / 1e6;
    }

    private void request(String method, String path, Map<String, String> headers, byte[] body, String expected) throws IOException {
        try (RawHttp http = new RawHttp(subject.socket())) {
            RawHttp.Answer answer = http.request(method, "/v1.51" + path, headers, body);
            String text = new String(answer.body(), UTF_8);
            if (answer.status() >= 300 || !text.contains(expected)) {
                throw new IllegalStateException(method + ' ' + path + ": " + answer.status() + ' ' + text.substring(0, Math.min(2000, text.length())));
            }
        }
    }

    /** As docker save writes it. Text-like content: it shrinks to about half. */
    private static byte[] archive() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(320 << 20);
        List<String> diffIds = new ArrayList<>();
        List<String> names = new ArrayList<>();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (int i = 0; i < LAYERS; i++) {
                byte[] layer = layer(i);
                diffIds.add("\"sha256:" + sha256(layer) + '"');
                names.add("\"layer" + i + "/layer.tar\"");
                put(tar, "layer" + i + "/layer.tar", layer);
            }
            byte[] config = ("{\"architecture\":\"" + (System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64")
                    + "\",\"os\":\"linux\",\"created\":\"2024-01-01T00:00:00Z\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
                    + String.join(",", diffIds) + "]}}").getBytes(UTF_8);
            String configName = sha256(config) + ".json";
            put(tar, configName, config);
            put(tar, "manifest.json", ("[{\"Config\":\"" + configName + "\",\"RepoTags\":[\"" + NAME + "\"],\"Layers\":["
                    + String.join(",", names) + "]}]").getBytes(UTF_8));
        }
        return bytes.toByteArray();
    }

    private static byte[] layer(int number) throws IOException {
        Random random = new Random(number);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(64 << 20);
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            put(tar, "layer" + number + ".bin", content(random, LARGE));
            for (int i = 0; i < SMALL_FILES; i++) {
                put(tar, "d" + number + "-" + i / 100 + "/f" + i, content(random, SMALL));
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] content(Random random, int length) {
        byte[] content = new byte[length];
        random.nextBytes(content);
        for (int i = 0; i < length; i++) {
            content[i] &= 0x0f; // four bits of each eight
        }
        return content;
    }

    private static void put(TarArchiveOutputStream tar, String name, byte[] content) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException impossible) {
            throw new UncheckedIOException(new IOException(impossible));
        }
    }
}
