package io.berth.daemon.boot;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads daemon.json: an object whose keys are those of {@link Setting}, and no others. */
final class ConfigurationFile {

    private final Path file;

    ConfigurationFile(Path file) {
        this.file = file;
    }

    /** The values it gives, checked; none when it is empty. */
    Map<Setting, List<String>> read() {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException failure) {
            throw refuse("cannot be read: " + failure.getClass().getSimpleName() + " " + failure.getMessage());
        }
        return text.isBlank() ? Map.of() : values(parse(text));
    }

    private JsonNode parse(String text) {
        ObjectMapper mapper = new ObjectMapper()
                .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
        try {
            JsonNode root = mapper.readTree(text);
            if (!root.isObject()) {
                throw refuse("is not a JSON object");
            }
            return root;
        } catch (JacksonException invalid) {
            throw refuse("is not valid JSON: " + invalid.getOriginalMessage() + " (line " + invalid.getLocation().getLineNr() + ")");
        }
    }

    /** Its members, those of an object that only groups them in its stead, {@code proxies.http-proxy}. */
    private static Stream<Map.Entry<String, JsonNode>> members(JsonNode root) {
        return root.propertyStream().flatMap(member -> Setting.isGroup(member.getKey()) && member.getValue().isObject()
                ? member.getValue().propertyStream().map(inner -> Map.entry(member.getKey() + '.' + inner.getKey(), inner.getValue())) : Stream.of(member));
    }

    private Map<Setting, List<String>> values(JsonNode root) {
        String unknown = members(root).map(Map.Entry::getKey).filter(key -> Setting.ofKey(key).isEmpty())
                .map(key -> key + " (did you mean \"" + NearestName.of(key, Setting.keys()) + "\"?)")
                .collect(Collectors.joining(", "));
        if (!unknown.isEmpty()) {
            throw refuse("the following directives don't match any configuration option: " + unknown);
        }
        Map<Setting, List<String>> values = new EnumMap<>(Setting.class);
        members(root).forEach(property -> {
            Setting setting = Setting.ofKey(property.getKey()).orElseThrow();
            List<String> texts = texts(setting, property.getValue());
            texts.forEach(text -> check(setting, text));
            if (!texts.isEmpty()) {
                values.put(setting, texts);
            }
        });
        return values;
    }

    private List<String> texts(Setting setting, JsonNode node) {
        return switch (setting.kind()) {
            case SWITCH, WORD -> {
                require(node.isBoolean(), setting, "true or false");
                yield List.of(node.asText());
            }
            case TEXT -> {
                require(node.isTextual(), setting, "a string");
                yield List.of(node.textValue());
            }
            case NUMBER -> {
                require(node.isIntegralNumber(), setting, "a whole number");
                yield List.of(node.asText());
            }
            case LIST -> {
                require(node.isArray() && node.valueStream().allMatch(JsonNode::isTextual), setting, "an array of strings");
                List<String> texts = new ArrayList<>();
                node.forEach(element -> texts.add(element.textValue()));
                yield texts;
            }
            case OBJECTS -> {
                require(node.isArray() && node.valueStream().allMatch(JsonNode::isObject), setting, "an array of objects");
                yield node.valueStream().map(object -> object.propertyStream().map(property -> property.getKey() + "=" + property.getValue().asText())
                        .collect(Collectors.joining(","))).toList();
            }
            case MAP -> {
                require(node.isObject() && node.valueStream().allMatch(JsonNode::isTextual), setting, "an object of strings");
                yield node.propertyStream().map(property -> property.getKey() + "=" + property.getValue().textValue()).toList();
            }
        };
    }

    private void require(boolean fits, Setting setting, String shape) {
        if (!fits) {
            throw refuse("the value of " + setting.key() + " has to be " + shape);
        }
    }

    private void check(Setting setting, String text) {
        try {
            setting.check(text);
        } catch (SettingsException invalid) {
            throw refuse(invalid.getMessage());
        }
    }

    private SettingsException refuse(String why) {
        return new SettingsException("unable to configure berthd with file " + file + ": " + why);
    }
}
