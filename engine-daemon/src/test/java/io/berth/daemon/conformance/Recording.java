package io.berth.daemon.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the docker CLI 28.2 asks for in one command, and what dockerd 28.5 answered: {@code golden/NAME.json}. The requests are
 * kept by hand, the answers are written by {@code -Dberth.golden.record=DIRECTORY}.
 */
public final class Recording {

    /** All of them, in the order in which they go through the life of one container. */
    public static final List<String> NAMES = List.of("run-rm", "run-d", "exec", "logs", "inspect", "ps", "cp-out", "cp-in", "stats", "top", "info",
            "version", "df", "rm");

    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /**
     * One request. Words in braces in its path are variables.
     *
     * @param capture variables, and where in the answer's JSON their values are
     * @param lasting whether its answer ends only when a later request has been made
     */
    record Request(String method, String path, Map<String, String> headers, byte[] body, Map<String, String> capture, boolean lasting) {
        @Override
        public String toString() {
            return method + ' ' + path;
        }
    }

    private final ObjectNode file;
    private final String name;

    private Recording(String name, ObjectNode file) {
        this.name = name;
        this.file = file;
    }

    public static Recording load(String name) {
        try (InputStream resource = Recording.class.getResourceAsStream("/golden/" + name + ".json")) {
            return new Recording(name, (ObjectNode) MAPPER.readTree(resource));
        } catch (IOException failure) {
            throw new UncheckedIOException("read the recording " + name, failure);
        }
    }

    String name() {
        return name;
    }

    List<Request> requests() {
        return file.path("exchanges").valueStream().map(exchange -> request(exchange.path("request"))).toList();
    }

    List<Answer> answers() {
        return file.path("exchanges").valueStream().map(exchange -> Answer.read(exchange.path("answer"))).toList();
    }

    private static Request request(JsonNode json) {
        byte[] body = json.has("json") ? json.get("json").toString().getBytes(java.nio.charset.StandardCharsets.UTF_8)
                : json.has("tar") ? Archive.of(texts(json.get("tar"))) : new byte[0];
        return new Request(json.path("method").asText(), json.path("path").asText(), texts(json.path("headers")), body, texts(json.path("capture")),
                json.path("lasting").asBoolean());
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new TreeMap<>();
        object.propertyStream().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
        return texts;
    }

    /** Writes the recording with these answers instead of its own. */
    public void record(List<Replay.Exchange> exchanges, Path directory) {
        ArrayNode recorded = (ArrayNode) file.path("exchanges");
        for (int i = 0; i < exchanges.size(); i++) {
            ((ObjectNode) recorded.get(i)).set("answer", exchanges.get(i).answer().recorded());
        }
        try {
            Files.writeString(directory.resolve(name + ".json"), MAPPER.writeValueAsString(file) + '\n');
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The operations' routes without their version, as "GET /containers/x/json". */
    public List<String> operations() {
        return requests().stream().map(request -> request.method() + ' ' + request.path().replaceFirst("^/v[0-9.]+", "").replaceFirst("\\?.*", "")).toList();
    }
}
