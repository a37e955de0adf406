package io.berth.daemon.container;

import io.berth.api.wire.Json;
import io.berth.daemon.spec.Engine;
import io.berth.daemon.spec.LogTag;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What each line of a json-file log carries besides the output, when the log options ask for it: labels, variables, a tag. */
final class LogAttributes {

    private static final int SHORT = 12;

    private LogAttributes() {
    }

    /** As the JSON of an object; empty when there are none. */
    static String of(Container container) {
        Map<String, String> options = container.definition().hostConfig().logConfig.config();
        Map<String, String> attributes = new TreeMap<>(chosen(container.definition().config().labels, options, "labels"));
        attributes.putAll(chosen(environment(container.definition().config().env), options, "env"));
        String tag = options.getOrDefault("tag", "");
        if (!tag.isEmpty()) {
            attributes.put("tag", tag(tag, container));
        }
        return attributes.isEmpty() ? "" : new String(Json.bytes(attributes), StandardCharsets.UTF_8);
    }

    /** Those that are named in the option, and those whose name fits the pattern of the option's twin. */
    private static Map<String, String> chosen(Map<String, String> from, Map<String, String> options, String option) {
        Map<String, String> chosen = new LinkedHashMap<>(from);
        List<String> names = Arrays.asList(options.getOrDefault(option, "").split(","));
        String pattern = options.getOrDefault(option + "-regex", "");
        chosen.keySet().removeIf(name -> !names.contains(name) && (pattern.isEmpty() || !Pattern.compile(pattern).matcher(name).find()));
        return chosen;
    }

    private static Map<String, String> environment(List<String> variables) {
        Map<String, String> environment = new LinkedHashMap<>();
        for (String variable : variables) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                environment.put(variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
        return environment;
    }

    private static String tag(String tag, Container container) {
        String image = container.definition().image();
        return LogTag.filled(tag, Map.of("ID", container.id().shortForm(), "FullID", container.id().hex(), "Name", container.name(),
                "ImageID", image.substring(0, Math.min(SHORT, image.length())), "ImageFullID", image,
                "ImageName", container.definition().config().image, "DaemonName", Engine.RUNTIME));
    }
}
