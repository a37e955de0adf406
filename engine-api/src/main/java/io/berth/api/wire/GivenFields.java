package io.berth.api.wire;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What a client really sent: with it the engine refuses by name what it does not support, instead of ignoring it. */
public final class GivenFields {
    /** The fresh values as JSON, by class: every create compares with the same two. */
    private static final Map<Class<?>, JsonNode> PRISTINE = new ConcurrentHashMap<>();

    private GivenFields() {
    }

    /**
     * The JSON names of the fields of a wire struct that differ from those of a fresh one, in the order of declaration.
     *
     * @param pristine a new instance of the same class
     */
    public static <T> List<String> of(T value, T pristine) {
        JsonNode zero = PRISTINE.computeIfAbsent(pristine.getClass(), type -> Json.mapper().valueToTree(pristine));
        JsonNode sent = Json.mapper().valueToTree(value);
        List<String> names = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : sent.properties()) {
            if (!field.getValue().equals(zero.get(field.getKey()))) {
                names.add(field.getKey());
            }
        }
        return names;
    }
}
