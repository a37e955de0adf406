package io.berth.daemon.volume.adopt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.berth.daemon.volume.Volume;
import io.berth.daemon.volume.local.LocalOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The volumes below another engine's data root: directories {@code volumes/NAME/_data}, as dockerd and podman have them. dockerd
 * writes names, drivers, labels and options into {@code volumes/metadata.db}, the bucket {@code volumes}, one JSON object a volume.
 * podman's databases are not read: of its volumes there are names and content.
 */
record OtherEngine(Path root) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DATA = "_data";

    Path directory() {
        return root.resolve("volumes");
    }

    /** Where dockerd writes volumes down; it holds a lock on it while it runs. */
    Path database() {
        return directory().resolve("metadata.db");
    }

    boolean hasUnreadLabels() {
        return !Files.exists(database());
    }

    /** By name. */
    List<FoundVolume> volumes() throws IOException {
        Map<String, JsonNode> written = written();
        Map<String, FoundVolume> all = new TreeMap<>();
        for (Path directory : directories()) {
            String name = directory.getFileName().toString();
            all.put(name, found(name, written.getOrDefault(name, JSON.missingNode()), directory));
        }
        written.forEach((name, object) -> {
            if (!driver(object).equals(Volume.DRIVER)) {
                all.put(name, new FoundVolume(name, driver(object), Instant.EPOCH, texts(object.path("Labels")), texts(object.path("Options")), Optional.empty()));
            }
        });
        return new ArrayList<>(all.values());
    }

    private Map<String, JsonNode> written() throws IOException {
        Map<String, JsonNode> objects = new TreeMap<>();
        if (Files.exists(database())) {
            for (Map.Entry<String, byte[]> entry : BoltFile.open(database()).bucket("volumes").orElse(Map.of()).entrySet()) {
                objects.put(entry.getKey(), JSON.readTree(entry.getValue()));
            }
        }
        return objects;
    }

    private List<Path> directories() throws IOException {
        try (Stream<Path> entries = Files.list(directory())) {
            // A volume whose content was moved has a directory still, and no content.
            return entries.filter(entry -> Files.isDirectory(entry) && !entry.getFileName().toString().startsWith(".")).sorted().toList();
        }
    }

    private FoundVolume found(String name, JsonNode object, Path directory) throws IOException {
        Optional<Map<String, String>> options = texts(object.path("Options"));
        boolean mounted = options.flatMap(LocalOptions::mount).isPresent();
        return new FoundVolume(name, Volume.DRIVER, Files.getLastModifiedTime(directory).toInstant().truncatedTo(ChronoUnit.SECONDS), texts(object.path("Labels")), options,
                mounted ? Optional.empty() : Optional.of(directory.resolve(DATA)));
    }

    private static String driver(JsonNode object) {
        String driver = object.path("Driver").asText("");
        return driver.isEmpty() ? Volume.DRIVER : driver;
    }

    private static Optional<Map<String, String>> texts(JsonNode object) {
        if (!object.isObject()) {
            return Optional.empty();
        }
        Map<String, String> texts = new LinkedHashMap<>();
        object.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
        return Optional.of(texts);
    }
}
