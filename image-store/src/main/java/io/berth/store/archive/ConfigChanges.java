package io.berth.store.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.store.content.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The instructions of a Dockerfile that {@code --change} of {@code docker import} and {@code docker commit} takes, applied to the
 * {@code config} of an image's configuration. Refusals are the reference engine's.
 */
final class ConfigChanges {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Set<String> INSTRUCTIONS = Set.of("CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "ONBUILD", "STOPSIGNAL",
            "USER", "VOLUME", "WORKDIR");
    private static final Pattern CONTINUED = Pattern.compile("\\\\[ \\t]*$");

    private final ObjectNode config;
    private boolean commandGiven;

    private ConfigChanges(ObjectNode config) {
        this.config = config;
    }

    /**
     * @param changes together the text of a Dockerfile; none at all is no change
     * @throws StoreException invalid, for an instruction that is unknown, has no place here or is malformed
     */
    static void apply(ObjectNode config, List<String> changes) {
        List<String> instructions = instructions(String.join("\n", changes));
        if (instructions.isEmpty() && !changes.isEmpty()) {
            throw StoreException.invalid("file with no instructions");
        }
        for (String instruction : instructions) {
            String name = instruction.split("\\s+", 2)[0];
            if (!INSTRUCTIONS.contains(name.toUpperCase(Locale.ROOT))) {
                throw StoreException.invalid(name + " is not a valid change command");
            }
        }
        instructions.forEach(new ConfigChanges(config)::apply);
    }

    /** Without comments, each on one line. */
    private static List<String> instructions(String text) {
        List<String> instructions = new ArrayList<>();
        StringBuilder instruction = new StringBuilder();
        for (String line : text.lines().toList()) {
            if (line.isBlank() || line.stripLeading().startsWith("#")) {
                continue;
            }
            Matcher continued = CONTINUED.matcher(line);
            boolean more = continued.find();
            instruction.append(more ? line.substring(0, continued.start()) : line);
            if (!more) {
                instructions.add(instruction.toString().strip());
                instruction.setLength(0);
            }
        }
        if (!instruction.toString().isBlank()) {
            instructions.add(instruction.toString().strip());
        }
        return instructions;
    }

    private void apply(String line) {
        String[] parts = line.split("\\s+", 2);
        String instruction = parts[0].toUpperCase(Locale.ROOT);
        String arguments = parts.length < 2 ? "" : parts[1];
        switch (instruction) {
            case "CMD" -> {
                command("Cmd", arguments);
                commandGiven = true;
            }
            case "ENTRYPOINT" -> {
                command("Entrypoint", arguments);
                if (config.path("Entrypoint").isEmpty()) {
                    config.remove("Entrypoint");
                }
                if (!commandGiven) {
                    config.remove("Cmd"); // arguments of another program
                }
            }
            case "HEALTHCHECK" -> HealthChange.apply(config, required(instruction, arguments), text -> exec(text) == null ? List.of() : list(text));
            case "ENV" -> pairs(instruction, arguments).forEach(pair -> environment(pair[0], pair[1]));
            case "LABEL" -> pairs(instruction, arguments).forEach(pair -> object("Labels").put(pair[0], pair[1]));
            case "EXPOSE" -> DockerfileWords.split(required(instruction, arguments)).stream().map(words()::expand).forEach(this::expose);
            case "VOLUME" -> list(required(instruction, arguments)).forEach(this::volume);
            case "USER" -> config.put("User", one(instruction, arguments));
            case "WORKDIR" -> config.put("WorkingDir", workingDirectory(one(instruction, arguments)));
            case "STOPSIGNAL" -> config.put("StopSignal", one(instruction, arguments));
            case "ONBUILD" -> array("OnBuild").add(trigger(required(instruction, arguments)));
            default -> throw new IllegalStateException(instruction + " was checked before");
        }
    }

    /** With the variables as they are now: one instruction does not see what it sets itself. */
    private DockerfileWords words() {
        Map<String, String> variables = new HashMap<>();
        for (JsonNode entry : config.path("Env")) {
            String[] pair = entry.asText().split("=", 2);
            variables.put(pair[0], pair.length < 2 ? "" : pair[1]);
        }
        return new DockerfileWords(variables);
    }

    private void command(String member, String arguments) {
        JsonNode exec = exec(arguments);
        if (exec != null) {
            config.set(member, exec);
        } else {
            ArrayNode shell = config.putArray(member).add("/bin/sh").add("-c");
            if (!arguments.isEmpty()) {
                shell.add(arguments);
            }
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
                    throw StoreException.invalid("when using JSON array syntax, arrays must be comprised of strings only");
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
            return DockerfileWords.split(arguments);
        }
        List<String> list = new ArrayList<>();
        exec.forEach(element -> list.add(element.asText()));
        return list;
    }

    private void volume(String written) {
        String path = words().expand(written);
        if (path.isEmpty()) {
            throw StoreException.invalid("VOLUME specified can not be an empty string");
        }
        object("Volumes").putObject(path);
    }

    private static String trigger(String trigger) {
        String name = trigger.split("\\s+", 2)[0].toUpperCase(Locale.ROOT);
        if (name.equals("ONBUILD")) {
            throw StoreException.invalid("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
        }
        if (name.equals("MAINTAINER") || name.equals("FROM")) {
            throw StoreException.invalid(name + " isn't allowed as an ONBUILD trigger");
        }
        return trigger;
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

    /** As the CLI's {@code -p} has it; only what is the container's counts. */
    private void expose(String port) {
        String[] parts = port.split("/", 2);
        String protocol = parts.length < 2 ? "tcp" : parts[1].toLowerCase(Locale.ROOT);
        String[] range = parts[0].substring(parts[0].lastIndexOf(':') + 1).split("-", 2);
        int first = port(parts[0], range[0]);
        int last = range.length < 2 ? first : port(parts[0], range[1]);
        if (!Set.of("tcp", "udp", "sctp").contains(protocol)) {
            throw StoreException.invalid("Invalid proto: " + protocol);
        }
        if (last < first) {
            throw StoreException.invalid("Invalid containerPort: " + parts[0]);
        }
        for (int number = first; number <= last; number++) {
            object("ExposedPorts").putObject(number + "/" + protocol);
        }
    }

    private static int port(String whole, String number) {
        if (!number.matches("[0-9]{1,5}") || Integer.parseInt(number) > 65535) {
            throw StoreException.invalid("Invalid containerPort: " + whole);
        }
        return Integer.parseInt(number);
    }

    private String workingDirectory(String path) {
        String base = config.path("WorkingDir").asText("");
        String joined = path.startsWith("/") ? path : (base.isEmpty() ? "/" : base + "/") + path;
        return Path.of(joined).normalize().toString();
    }

    /** {@code a=b "c d"=e}, or the old form {@code name the whole rest}. */
    private List<String[]> pairs(String instruction, String arguments) {
        List<String> written = DockerfileWords.split(required(instruction, arguments));
        DockerfileWords words = words();
        List<String[]> pairs = new ArrayList<>();
        if (!written.getFirst().contains("=")) {
            String[] old = arguments.split("\\s+", 2);
            if (old.length < 2) {
                throw StoreException.invalid(instruction + " must have two arguments");
            }
            pairs.add(new String[] {words.expand(old[0]), words.expand(old[1])});
            return pairs;
        }
        for (String word : written) {
            String[] pair = word.split("=", 2);
            if (pair.length < 2) {
                throw StoreException.invalid("Syntax error - can't find = in \"" + word + "\". Must be of the form: name=value");
            }
            String name = words.expand(pair[0]);
            if (name.isEmpty()) {
                throw StoreException.invalid(instruction + " names can not be blank");
            }
            pairs.add(new String[] {name, words.expand(pair[1])});
        }
        return pairs;
    }

    private String one(String instruction, String arguments) {
        if (arguments.isEmpty()) {
            throw StoreException.invalid(instruction + " requires exactly one argument");
        }
        return words().expand(arguments);
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
