package io.berth.daemon.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.daemon.conformance.Answer.Body;
import io.berth.daemon.conformance.StubEngine.Wire;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Every way in which an answer can be spoiled that a client would notice. */
final class Faults {

    /** A spoiled answer, and in which way. */
    record Fault(String name, Wire wire) {
    }

    private static final String STRANGER = "StrangeField";

    private final Wire whole;
    private final List<Fault> faults = new ArrayList<>();

    private Faults(Wire whole) {
        this.whole = whole;
    }

    static List<Fault> of(Answer recorded) {
        Faults faults = new Faults(StubEngine.wire(recorded));
        faults.spoilHead(recorded);
        switch (recorded.body()) {
            case Body.Nothing() -> { }
            case Body.Json(JsonNode shape) -> faults.spoilJson(shape);
            case Body.Streams ignored -> faults.spoilFrames(recorded);
            case Body.Raw ignored -> faults.add("a byte is lost", body -> Arrays.copyOf(body, body.length - 1), recorded);
            case Body.Tar ignored -> {
                faults.add("no entry in the archive", body -> new byte[1024], recorded);
                faults.add("no archive", body -> "this is no archive, whatever its type says".repeat(20).getBytes(StandardCharsets.US_ASCII), recorded);
            }
            case Body.Broken(String why) -> throw new IllegalStateException(why);
        }
        return faults.faults;
    }

    private void spoilHead(Answer recorded) {
        for (int status : new int[] {200, 201, 204, 304, 404, 409, 500, 501}) {
            if (status != whole.status()) {
                faults.add(new Fault("status " + status, new Wire(status, whole.headers(), whole.body())));
            }
        }
        for (String name : recorded.headers().keySet()) {
            if (!name.equals("transfer-encoding")) {
                header("no " + name, headers -> headers.remove(name));
            }
            if (!name.equals("server") && !name.equals("transfer-encoding")) {
                header("another " + name, headers -> headers.put(name, "spoiled"));
            }
        }
        if (!recorded.headers().containsKey("upgrade")) {
            header("an upgrade", headers -> headers.put("upgrade", "tcp"));
        }
    }

    private void header(String name, Consumer<Map<String, String>> change) {
        Map<String, String> headers = new TreeMap<>(whole.headers());
        change.accept(headers);
        faults.add(new Fault(name, new Wire(whole.status(), headers, whole.body())));
    }

    private void spoilFrames(Answer recorded) {
        add("the streams are exchanged", body -> {
            body[0] = (byte) (3 - body[0]);
            return body;
        }, recorded);
        add("a stream that there is not", body -> {
            body[0] = 7;
            return body;
        }, recorded);
        add("a length in the other order", body -> {
            body[4] = body[7];
            body[7] = 0;
            return body;
        }, recorded);
        add("no frames", body -> Arrays.copyOfRange(body, 8, body.length), recorded);
        add("a byte is lost", body -> Arrays.copyOf(body, body.length - 1), recorded);
        add("a byte is another", body -> {
            body[body.length - 2]++;
            return body;
        }, recorded);
        add("nothing comes", body -> new byte[0], recorded);
    }

    /** The body in other words, sent as the whole one would be. */
    private void add(String name, java.util.function.UnaryOperator<byte[]> change, Answer recorded) {
        Map<String, String> plain = new TreeMap<>(recorded.headers());
        plain.remove("transfer-encoding");
        Wire unchunked = StubEngine.wire(new Answer(recorded.status(), plain, recorded.body()));
        byte[] body = change.apply(unchunked.body().clone());
        Map<String, String> headers = new TreeMap<>(whole.headers());
        boolean chunked = headers.containsKey("transfer-encoding");
        headers.computeIfPresent("content-length", (header, length) -> Integer.toString(body.length));
        faults.add(new Fault(name, new Wire(whole.status(), headers, chunked ? StubEngine.chunked(body) : body)));
    }

    private void spoilJson(JsonNode shape) {
        JsonNode value = StubEngine.value(shape);
        json("another value altogether", JsonNodeFactory.instance.textNode("spoiled"));
        text("JSON without its end", value.toString().substring(1) + "\n");
        text("JSON without the end of its line", value.toString());
        spoil("$", value, value);
    }

    /** Each field left out, and each of another type, and a field too many everywhere. */
    private void spoil(String where, JsonNode root, JsonNode node) {
        if (node.isObject() && !node.has("*")) {
            ObjectNode object = (ObjectNode) node;
            if (!object.isEmpty()) {
                object.put(STRANGER, 1);
                json("a field too many in " + where, root);
                object.remove(STRANGER);
            }
            for (String name : node.propertyStream().map(Map.Entry::getKey).toList()) {
                JsonNode field = object.remove(name);
                json("no " + where + '.' + name, root);
                object.set(name, another(field));
                json("another type of " + where + '.' + name, root);
                object.set(name, field);
                spoil(where + '.' + name, root, field);
            }
        } else if (node.isObject()) {
            spoil(where + ".*", root, node.get("*"));
        } else if (node.isArray() && !node.isEmpty()) {
            ArrayNode array = (ArrayNode) node;
            JsonNode element = array.remove(0);
            json("no element in " + where, root);
            array.add(another(element));
            json("another type of element in " + where, root);
            array.set(0, element);
            spoil(where + "[]", root, element);
        }
    }

    private static JsonNode another(JsonNode value) {
        return value.isBoolean() ? JsonNodeFactory.instance.textNode("true") : JsonNodeFactory.instance.booleanNode(true);
    }

    private void json(String name, JsonNode value) {
        text(name, value + "\n");
    }

    private void text(String name, String text) {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        Map<String, String> headers = new TreeMap<>(whole.headers());
        headers.put("content-length", Integer.toString(body.length));
        faults.add(new Fault(name, new Wire(whole.status(), headers, body)));
    }
}
