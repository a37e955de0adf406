package io.berth.daemon.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The shape of a JSON value: which fields it has and of what types, without the values. Written as JSON itself:
 *
 * <pre>
 * "string" "time" "integer" "fraction" "boolean" "null"   a value of that type, or "null|string"
 * {"A": …, "B?": …}                                       an object with exactly these fields; B may be absent or null
 * {"*": …}                                                an object whose keys are data
 * [ … ]                                                   an array of at least one such element
 * []                                                      an array, of whose elements nothing is known
 * </pre>
 */
final class Shape {

    /** Objects whose keys are names that people or the machine gave, not fields. */
    private static final Set<String> MAPS = Set.of("Annotations", "Data", "Details", "DriverOpts", "ExposedPorts", "IndexConfigs", "Labels", "Networks",
            "Options", "PortBindings", "Ports", "Runtimes", "Sysctls", "Tmpfs", "Volumes", "networks", "stats", "status");
    private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)");
    private static final String ANY_KEY = "*";
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private Shape() {
    }

    static JsonNode of(JsonNode value) {
        return of("", value);
    }

    private static JsonNode of(String field, JsonNode value) {
        if (value.isArray()) {
            ArrayNode shape = JSON.arrayNode();
            value.valueStream().map(element -> of("", element)).reduce(Shape::merge).ifPresent(shape::add);
            return shape;
        }
        if (!value.isObject()) {
            return TextNode.valueOf(type(value));
        }
        ObjectNode shape = JSON.objectNode();
        if (MAPS.contains(field)) {
            value.propertyStream().map(entry -> of("", entry.getValue())).reduce(Shape::merge).ifPresent(element -> shape.set(ANY_KEY, element));
        } else {
            value.propertyStream().sorted(Map.Entry.comparingByKey()).forEach(entry -> shape.set(entry.getKey(), of(entry.getKey(), entry.getValue())));
        }
        return shape;
    }

    static String type(JsonNode value) {
        return switch (value.getNodeType()) {
            case STRING -> TIME.matcher(value.asText()).matches() ? "time" : "string";
            case NUMBER -> value.isIntegralNumber() ? "integer" : "fraction";
            case BOOLEAN -> "boolean";
            case ARRAY -> "array";
            case OBJECT -> "object";
            default -> "null";
        };
    }

    /** What two elements of one array have in common. */
    private static JsonNode merge(JsonNode one, JsonNode other) {
        if (one.isObject() && other.isObject()) {
            ObjectNode merged = JSON.objectNode();
            Set<String> names = Stream.of(one, other).flatMap(node -> node.propertyStream().map(entry -> bare(entry.getKey())))
                    .collect(Collectors.toCollection(TreeSet::new));
            for (String name : names) {
                JsonNode mine = field(one, name);
                JsonNode theirs = field(other, name);
                boolean optional = one.has(name + '?') || other.has(name + '?') || isNothing(mine) != isNothing(theirs);
                merged.set(optional ? name + '?' : name, isNothing(mine) ? theirs : isNothing(theirs) ? mine : merge(mine, theirs));
            }
            return merged;
        }
        if (one.isArray() && other.isArray()) {
            ArrayNode merged = JSON.arrayNode();
            Stream.of(one, other).filter(array -> !array.isEmpty()).map(array -> array.get(0)).reduce(Shape::merge).ifPresent(merged::add);
            return merged;
        }
        return TextNode.valueOf(Stream.of(one, other).flatMap(node -> Arrays.stream(node.asText().split("\\|"))).distinct().sorted()
                .collect(Collectors.joining("|")));
    }

    private static boolean isNothing(JsonNode shape) {
        return shape.isMissingNode() || shape.asText().equals("null");
    }

    private static JsonNode field(JsonNode object, String name) {
        return object.has(name) ? object.get(name) : object.path(name + '?');
    }

    static String bare(String name) {
        return name.endsWith("?") ? name.substring(0, name.length() - 1) : name;
    }

    /** Tells where and how a value does not have the shape; the text is "expected, actual". */
    static void compare(String where, JsonNode shape, JsonNode actual, BiConsumer<String, String> differs) {
        if (shape.isTextual()) {
            if (!Arrays.asList(shape.asText().split("\\|")).contains(type(actual))) {
                differs.accept(where, shape.asText() + " expected, " + type(actual) + " found");
            }
        } else if (shape.isArray() != actual.isArray() || shape.isObject() != actual.isObject()) {
            differs.accept(where, (shape.isArray() ? "array" : "object") + " expected, " + type(actual) + " found");
        } else if (shape.isArray()) {
            compareElements(where, shape, actual, differs);
        } else if (shape.has(ANY_KEY)) {
            actual.valueStream().forEach(value -> compare(where + ".*", shape.get(ANY_KEY), value, differs));
        } else if (!MAPS.contains(where.substring(where.lastIndexOf('.') + 1))) {
            compareFields(where, shape, actual, differs);
        }
    }

    private static void compareElements(String where, JsonNode shape, JsonNode actual, BiConsumer<String, String> differs) {
        if (!shape.isEmpty() && actual.isEmpty()) {
            differs.accept(where, "elements expected, none found");
        }
        if (!shape.isEmpty()) {
            actual.valueStream().forEach(element -> compare(where + "[]", shape.get(0), element, differs));
        }
    }

    private static void compareFields(String where, JsonNode shape, JsonNode actual, BiConsumer<String, String> differs) {
        shape.propertyStream().forEach(expected -> {
            String name = bare(expected.getKey());
            boolean optional = expected.getKey().endsWith("?");
            if (!actual.has(name)) {
                if (!optional) {
                    differs.accept(where + '.' + name, "expected, not there");
                }
            } else if (!optional || !actual.get(name).isNull()) {
                compare(where + '.' + name, expected.getValue(), actual.get(name), differs);
            }
        });
        actual.propertyStream().map(Map.Entry::getKey).filter(name -> field(shape, name).isMissingNode())
                .forEach(name -> differs.accept(where + '.' + name, "not expected, found"));
    }
}
