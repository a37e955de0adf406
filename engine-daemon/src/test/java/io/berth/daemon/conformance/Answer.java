package io.berth.daemon.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.daemon.RawHttp;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * What of an engine's answer is compared.
 *
 * @param headers by their names in lower case; only those that clients look at
 */
record Answer(int status, Map<String, String> headers, Body body) {

    /** What came after the head, read as its content type says. */
    sealed interface Body {
        /** There was none. */
        record Nothing() implements Body {
        }

        /** A JSON value, or in a recording its {@link Shape}. */
        record Json(JsonNode value) implements Body {
        }

        /** Output in frames, each stream put together again. */
        record Streams(Map<String, String> text) implements Body {
        }

        /** Output as a terminal wrote it. */
        record Raw(String text) implements Body {
        }

        /** The entries of an archive: a type, a mode in octal digits, a name. */
        record Tar(List<String> entries) implements Body {
        }

        /** It was not what its content type says. */
        record Broken(String why) implements Body {
        }
    }

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Set<String> COMPARED = Set.of("content-type", "api-version", "ostype", "docker-experimental", "connection", "upgrade",
            "builder-version", "cache-control", "pragma", "swarm");
    private static final String PATH_STAT = "x-docker-container-path-stat";
    private static final List<String> STREAMS = List.of("stdin", "stdout", "stderr");
    private static final int FRAME_HEAD = 8;

    static Answer of(RawHttp.Answer answer) {
        String type = answer.headers().getOrDefault("content-type", "");
        return new Answer(answer.status(), headers(answer.headers(), type), body(type, answer.body()));
    }

    /** For an answer that did not come whole. */
    static Answer broken(String why) {
        return new Answer(0, Map.of(), new Body.Broken(why));
    }

    private static Map<String, String> headers(Map<String, String> all, String type) {
        Map<String, String> headers = new TreeMap<>(all);
        headers.keySet().retainAll(COMPARED);
        if (all.containsKey("server")) {
            headers.put("server", "present"); // it has the engine's name and version
        }
        if (all.containsKey(PATH_STAT)) {
            headers.put(PATH_STAT, pathStat(all.get(PATH_STAT)));
        }
        if (type.startsWith("application/vnd.docker.") && all.containsKey("transfer-encoding")) {
            headers.put("transfer-encoding", all.get("transfer-encoding")); // of JSON it depends on the size alone
        }
        return headers;
    }

    /** The name, the link's target, and the names and types of all. */
    private static String pathStat(String header) {
        try {
            JsonNode stat = MAPPER.readTree(Base64.getDecoder().decode(header));
            return "%s -> '%s' %s".formatted(stat.path("name").asText(), stat.path("linkTarget").asText(), Shape.of(stat));
        } catch (IOException | IllegalArgumentException unreadable) {
            return "unreadable: " + header;
        }
    }

    private static Body body(String type, byte[] bytes) {
        try {
            return switch (type) {
                case "application/vnd.docker.multiplexed-stream" -> streams(ByteBuffer.wrap(bytes));
                case "application/vnd.docker.raw-stream" -> new Body.Raw(text(bytes));
                case "application/x-tar" -> new Body.Tar(tar(bytes));
                case "application/json" -> json(bytes);
                default -> bytes.length == 0 ? new Body.Nothing() : new Body.Broken(bytes.length + " bytes of type '" + type + "'");
            };
        } catch (IOException | RuntimeException unreadable) {
            return new Body.Broken(unreadable.toString());
        }
    }

    private static Body json(byte[] bytes) throws IOException {
        if (bytes.length == 0) {
            return new Body.Nothing();
        }
        return text(bytes).endsWith("\n") ? new Body.Json(MAPPER.readTree(bytes)) : new Body.Broken("JSON without an end of line");
    }

    /** Frames of 8 bytes (stream, three zeros, length in network order) and their payloads. */
    private static Body streams(ByteBuffer bytes) {
        Map<String, ByteArrayOutputStream> streams = new TreeMap<>();
        while (bytes.hasRemaining()) {
            if (bytes.remaining() < FRAME_HEAD) {
                return new Body.Broken("a frame's head of " + bytes.remaining() + " bytes");
            }
            int head = bytes.getInt();
            int length = bytes.getInt();
            if ((head & 0xffffff) != 0 || head >>> 24 >= STREAMS.size() || length < 0 || length > bytes.remaining()) {
                return new Body.Broken("a frame's head of %08x %08x before %d bytes".formatted(head, length, bytes.remaining()));
            }
            byte[] payload = new byte[length];
            bytes.get(payload);
            streams.computeIfAbsent(STREAMS.get(head >>> 24), stream -> new ByteArrayOutputStream()).writeBytes(payload);
        }
        Map<String, String> text = new TreeMap<>();
        streams.forEach((stream, content) -> text.put(stream, text(content.toByteArray())));
        return new Body.Streams(text);
    }

    private static List<String> tar(byte[] bytes) throws IOException {
        List<String> entries = new ArrayList<>();
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(bytes))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                entries.add("%c %o %s".formatted(entry.isDirectory() ? 'd' : entry.isSymbolicLink() ? 'l' : 'f', entry.getMode() & 07777, entry.getName()));
            }
        }
        return entries;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** As a recording holds it: the shape of JSON instead of its values. */
    ObjectNode recorded() {
        ObjectNode json = MAPPER.createObjectNode().put("status", status);
        json.set("headers", MAPPER.valueToTree(headers));
        switch (body) {
            case Body.Nothing() -> { }
            case Body.Json(JsonNode value) -> json.set("json", Shape.of(value));
            case Body.Streams(Map<String, String> text) -> json.set("streams", MAPPER.valueToTree(text));
            case Body.Raw(String text) -> json.put("raw", text);
            case Body.Tar(List<String> entries) -> json.set("tar", MAPPER.valueToTree(entries));
            case Body.Broken(String why) -> throw new IllegalStateException("not to be recorded: " + why);
        }
        return json;
    }

    static Answer read(JsonNode recorded) {
        Map<String, String> headers = new TreeMap<>();
        recorded.path("headers").propertyStream().forEach(header -> headers.put(header.getKey(), header.getValue().asText()));
        return new Answer(recorded.path("status").asInt(), headers, readBody(recorded));
    }

    private static Body readBody(JsonNode recorded) {
        if (recorded.has("json")) {
            return new Body.Json(recorded.get("json"));
        }
        if (recorded.has("streams")) {
            Map<String, String> text = new TreeMap<>();
            recorded.get("streams").propertyStream().forEach(stream -> text.put(stream.getKey(), stream.getValue().asText()));
            return new Body.Streams(text);
        }
        if (recorded.has("raw")) {
            return new Body.Raw(recorded.get("raw").asText());
        }
        return recorded.has("tar") ? new Body.Tar(((ArrayNode) recorded.get("tar")).valueStream().map(JsonNode::asText).toList()) : new Body.Nothing();
    }

    /** This answer with only those elements of its arrays that mention one of the words: others may use the engine too. */
    Answer about(Set<String> words) {
        return body instanceof Body.Json(JsonNode value) ? new Answer(status, headers, new Body.Json(about(words, value))) : this;
    }

    private static JsonNode about(Set<String> words, JsonNode value) {
        if (value.isObject()) {
            ObjectNode kept = ((ObjectNode) value).objectNode();
            value.propertyStream().forEach(field -> kept.set(field.getKey(), field.getValue().isArray() ? about(words, field.getValue()) : field.getValue()));
            return kept;
        }
        if (!value.isArray() || value.isEmpty() || !value.get(0).has("Id")) {
            return value;
        }
        ArrayNode kept = ((ArrayNode) value).arrayNode();
        value.valueStream().filter(element -> words.stream().anyMatch(element.toString()::contains)).forEach(kept::add);
        return kept;
    }

    Set<String> headerNames(Answer other) {
        Set<String> names = new TreeSet<>(headers.keySet());
        names.addAll(other.headers.keySet());
        return names;
    }
}
