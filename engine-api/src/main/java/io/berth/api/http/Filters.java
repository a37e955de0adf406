package io.berth.api.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.berth.api.wire.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The {@code filters} of list, prune and events: to each key the values asked for. Both forms that clients send are read,
 * {@code {"label":["a=b"]}} and {@code {"label":{"a=b":true}}}. Different keys must all match; of one key's values any, except for
 * labels, which must all match.
 */
public record Filters(Map<String, List<String>> values) {
    public static final Filters NONE = new Filters(Map.of());

    /** An empty text is no filter; an unreadable one is {@code invalid filter} (400). */
    public static Filters parse(String text) {
        if (text.isEmpty()) {
            return NONE;
        }
        JsonNode root;
        try {
            root = Json.mapper().readTree(text);
        } catch (JsonProcessingException failure) {
            throw ApiException.invalid("invalid filter");
        }
        if (root.isNull()) {
            return NONE;
        }
        // Each client writes one form; the reference takes no mixture.
        if (!root.isObject() || root.valueStream().anyMatch(JsonNode::isObject) && root.valueStream().anyMatch(JsonNode::isArray)) {
            throw ApiException.invalid("invalid filter");
        }
        Map<String, List<String>> values = new LinkedHashMap<>();
        root.properties().forEach(entry -> values.put(entry.getKey(), valuesOf(entry.getValue())));
        return new Filters(values);
    }

    private static List<String> valuesOf(JsonNode node) {
        List<String> values = new ArrayList<>();
        if (node.isObject()) {
            node.properties().forEach(entry -> {
                if (!entry.getValue().isBoolean()) {
                    throw ApiException.invalid("invalid filter");
                }
                values.add(entry.getKey()); // false or true: the reference looks at the names alone
            });
        } else if (node.isArray()) {
            for (JsonNode value : node) {
                if (!value.isTextual()) {
                    throw ApiException.invalid("invalid filter");
                }
                values.add(value.textValue());
            }
        } else if (!node.isNull()) {
            throw ApiException.invalid("invalid filter");
        }
        return List.copyOf(values);
    }

    /** Refuses a key that is not among the known ones: {@code invalid filter 'x'} (400). */
    public Filters requireKnown(Set<String> known) {
        for (String key : values.keySet()) {
            if (!known.contains(key)) {
                throw ApiException.invalid("invalid filter '" + key + "'");
            }
        }
        return this;
    }

    /** With one more value; an empty one changes nothing. */
    public Filters with(String key, String value) {
        if (value.isEmpty()) {
            return this;
        }
        Map<String, List<String>> more = new LinkedHashMap<>(values);
        more.merge(key, List.of(value), (before, added) -> Stream.concat(before.stream(), added.stream()).toList());
        return new Filters(more);
    }

    public boolean has(String key) {
        return !get(key).isEmpty();
    }

    public List<String> get(String key) {
        return values.getOrDefault(key, List.of());
    }

    /** A filter of one truth value; anything but 1, true, 0, false is {@code invalid filter 'key=[value]'} (400). */
    public boolean flag(String key, boolean absent) {
        List<String> asked = get(key);
        if (asked.isEmpty()) {
            return absent;
        }
        boolean yes = asked.contains("1") || asked.contains("true");
        boolean no = asked.contains("0") || asked.contains("false");
        if (yes == no) {
            throw ApiException.invalid("invalid filter '" + key + "=[" + String.join(" ", asked) + "]'");
        }
        return yes;
    }

    /** Whether the key was not asked for, or one of its values passes. */
    public boolean matchesAny(String key, Predicate<String> passes) {
        List<String> asked = get(key);
        return asked.isEmpty() || asked.stream().anyMatch(passes);
    }

    /** Whether the key was not asked for, or one of its values is exactly one of these. */
    public boolean matches(String key, Collection<String> actual) {
        return matchesAny(key, actual::contains);
    }

    /** Whether the labels have everything that {@code label} asks for (a name, or a name and value). */
    public boolean matchesLabels(Map<String, String> labels) {
        return get("label").stream().allMatch(asked -> hasLabel(labels, asked))
                && get("label!").stream().noneMatch(asked -> hasLabel(labels, asked));
    }

    private static boolean hasLabel(Map<String, String> labels, String asked) {
        int equals = asked.indexOf('=');
        if (equals < 0) {
            return labels.containsKey(asked);
        }
        return asked.substring(equals + 1).equals(labels.get(asked.substring(0, equals)));
    }
}
