package io.berth.store.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.store.content.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The lines of a Dockerfile that {@code --change} of {@code docker import} and {@code docker commit} takes, applied to the {@code config} of an image's
 * configuration.
 */
final class ConfigChanges {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final ObjectNode config;
    private boolean commandGiven;

    ConfigChanges(ObjectNode config) {
        this.config = config;
    }

    /** @throws StoreException invalid, for an instruction that is unknown, has no place here or is malformed */
    void apply(String line) {
        String[] parts = line.strip().split("\\s+", 2);
        String instruction = parts[0].toUpperCase(Locale.ROOT);
        String arguments = parts.length < 2 ? "" : parts[1].strip();
        switch (instruction) {
            case "CMD" -> {
                command("Cmd", arguments);
                commandGiven = true;
            }
            case "ENTRYPOINT" -> {
                command("Entrypoint", arguments);
                if (!commandGiven) {
                    config.remove("Cmd"); // arguments of another program
                }
            }
            case "HEALTHCHECK" -> HealthChange.apply(config, required(instruction, arguments), text -> exec(text) == null ? List.of() : list(text));
            case "ENV" -> pairs(instruction, arguments).forEach(pair -> environment(pair[0], pair[1]));
            case "LABEL" -> pairs(instruction, arguments).forEach(pair -> object("Labels").put(pair[0], pair[1]));
            case "EXPOSE" -> words(required(instruction, arguments)).forEach(this::expose);
            case "VOLUME" -> list(required(instruction, arguments)).forEach(path -> object("Volumes").putObject(path));
            case "USER" -> config.put("User", one(instruction, arguments));
            case "WORKDIR" -> config.put("WorkingDir", workingDirectory(required(instruction, arguments)));
            case "STOPSIGNAL" -> config.put("StopSignal", one(instruction, arguments));
            case "ONBUILD" -> array("OnBuild").add(required(instruction, arguments));
            default -> throw StoreException.invalid(parts[0] + " is not a valid change command");
        }
    }

    private void command(String member, String arguments) {
        JsonNode exec = exec(arguments);
        if (exec != null) {
            config.set(member, exec);
        } else {
            config.putArray(member).add("/bin/sh").add("-c").add(arguments);
        }
    }

    /** The JSON form, a list of strings; null when it is not that, which makes it the shell form. */
    private static JsonNode exec(String arguments) {
        if (!arguments.startsWith("[")) {
            return null;
        }
        try {
            JsonNode list = MAPPER.readTree(arguments);
            for (JsonNode element : list) {
                if (!element.isTextual()) {
                    return null;
                }
            }
            return list;
        } catch (JsonProcessingException shellForm) {
            return null;
        }
    }

    private static List<String> list(String arguments) {
        JsonNode exec = exec(arguments);
        if (exec == null) {
            return words(arguments);
        }
        List<String> list = new ArrayList<>();
        exec.forEach(element -> list.add(element.asText()));
        return list;
    }

    private void environment(String name, String value) {
        ArrayNode old = array("Env");
        ArrayNode updated = MAPPER.createArrayNode();
        boolean replaced = false;
        for (JsonNode entry : old) {
            boolean same = entry.asText().startsWith(name + "=");
            updated.add(same ? name + "=" + value : entry.asText());
            replaced |= same;
        }
        if (!replaced) {
            updated.add(name + "=" + value);
        }
        config.set("Env", updated);
    }

    private void expose(String port) {
        String[] parts = port.split("/", 2);
        String protocol = parts.length < 2 ? "tcp" : parts[1].toLowerCase(Locale.ROOT);
        String[] range = parts[0].split("-", 2);
        int first = port(port, range[0]);
        int last = range.length < 2 ? first : port(port, range[1]);
        for (int number = first; number <= last; number++) {
            object("ExposedPorts").putObject(number + "/" + protocol);
        }
    }

    private static int port(String whole, String number) {
        if (!number.matches("[0-9]{1,5}") || Integer.parseInt(number) > 65535) {
            throw StoreException.invalid("invalid containerPort: " + whole);
        }
        return Integer.parseInt(number);
    }

    private String workingDirectory(String path) {
        String base = config.path("WorkingDir").asText("");
        String joined = path.startsWith("/") ? path : (base.isEmpty() ? "/" : base + "/") + path;
        return Path.of(joined).normalize().toString();
    }

    /** {@code a=b "c d"=e}, or the old form {@code name the whole rest}. */
    private static List<String[]> pairs(String instruction, String arguments) {
        List<String> words = words(required(instruction, arguments));
        if (!words.getFirst().contains("=")) {
            String[] old = arguments.split("\\s+", 2);
            if (old.length < 2) {
                throw StoreException.invalid(instruction + " must have two arguments");
            }
            return List.<String[]>of(old);
        }
        List<String[]> pairs = new ArrayList<>();
        for (String word : words) {
            String[] pair = word.split("=", 2);
            if (pair.length < 2) {
                throw StoreException.invalid("Syntax error - can't find = in \"" + word + "\". Must be of the form: name=value");
            }
            pairs.add(pair);
        }
        return pairs;
    }

    /** Words between blanks, quotes and backslashes understood and taken away. */
    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean inWord = false;
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && quote != '\'' && i + 1 < text.length()) {
                word.append(text.charAt(++i));
                inWord = true;
            } else if (quote != 0 ? c == quote : c == '"' || c == '\'') {
                quote = quote == 0 ? c : 0;
                inWord = true;
            } else if (quote == 0 && Character.isWhitespace(c)) {
                if (inWord) {
                    words.add(word.toString());
                    word.setLength(0);
                }
                inWord = false;
            } else {
                word.append(c);
                inWord = true;
            }
        }
        if (inWord) {
            words.add(word.toString());
        }
        return words;
    }

    private static String one(String instruction, String arguments) {
        List<String> words = words(required(instruction, arguments));
        if (words.size() != 1) {
            throw StoreException.invalid(instruction + " requires exactly one argument");
        }
        return words.getFirst();
    }

    private static String required(String instruction, String arguments) {
        if (arguments.isEmpty()) {
            throw StoreException.invalid(instruction + " requires at least one argument");
        }
        return arguments;
    }

    private ObjectNode object(String member) {
        return config.path(member) instanceof ObjectNode present ? present : config.putObject(member);
    }

    private ArrayNode array(String member) {
        return config.path(member) instanceof ArrayNode present ? present : config.putArray(member);
    }
}
