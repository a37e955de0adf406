package io.berth.store.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.store.content.StoreException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads documents of others with patience: a member that is absent, null or of another kind than expected reads as empty,
 * names are compared exactly first and without regard to case second, as Go does.
 */
public final class Json {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    /** @throws StoreException invalid, when it is no JSON; {@code what} says what was being read */
    public static JsonNode parse(byte[] document, String what) {
        try {
            return MAPPER.readTree(document);
        } catch (IOException failure) {
            throw StoreException.invalid("read " + what + ": " + reason(failure), failure);
        }
    }

    private static String reason(IOException failure) {
        return failure instanceof JsonProcessingException syntax ? syntax.getOriginalMessage() : failure.getMessage();
    }

    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    public static byte[] bytes(JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a tree of JSON can always be written", impossible);
        }
    }

    public static JsonNode member(JsonNode object, String name) {
        JsonNode exact = object.path(name);
        if (!exact.isMissingNode()) {
            return exact;
        }
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            if (member.getKey().equalsIgnoreCase(name)) {
                return member.getValue();
            }
        }
        return MissingNode.getInstance();
    }

    public static String text(JsonNode object, String name) {
        return member(object, name).asText("");
    }

    public static List<String> texts(JsonNode object, String name) {
        JsonNode array = member(object, name);
        List<String> texts = new ArrayList<>();
        if (array.isTextual()) {
            texts.add(array.asText());
        }
        if (array.isArray()) {
            array.forEach(element -> texts.add(element.asText()));
        }
        return List.copyOf(texts);
    }

    /** The names of an object's members, in their order. */
    static Set<String> names(JsonNode object, String name) {
        Set<String> names = new LinkedHashSet<>();
        member(object, name).fieldNames().forEachRemaining(names::add);
        return Collections.unmodifiableSet(names);
    }

    static Map<String, String> textMap(JsonNode object, String name) {
        Map<String, String> map = new LinkedHashMap<>();
        member(object, name).properties().forEach(member -> map.put(member.getKey(), member.getValue().asText()));
        return Collections.unmodifiableMap(map);
    }
}
