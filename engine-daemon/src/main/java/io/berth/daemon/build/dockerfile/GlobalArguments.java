package io.berth.daemon.build.dockerfile;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The values that FROM sees: the platforms', and those of the ARGs above the first FROM. */
final class GlobalArguments implements Variables {

    private final Map<String, String> values;
    private final Set<String> declared = new HashSet<>();

    private GlobalArguments(Map<String, String> predefined) {
        values = new LinkedHashMap<>(predefined);
    }

    /**
     * @param given {@code --build-arg}
     * @throws DockerfileException when a default cannot be expanded
     */
    static GlobalArguments of(Dockerfile file, Map<String, String> predefined, Map<String, String> given) {
        GlobalArguments arguments = new GlobalArguments(predefined);
        Expansion expansion = new Expansion(file.directives().escape());
        for (Instruction.Arg arg : file.globalArguments()) {
            try {
                arg.arguments().forEach(argument -> arguments.declare(argument, expansion, given));
            } catch (DockerfileException refused) {
                throw refused.orAt(arg.origin().lines());
            }
        }
        return arguments;
    }

    private void declare(Instruction.Argument argument, Expansion expansion, Map<String, String> given) {
        declared.add(argument.name());
        Optional<String> value = given.containsKey(argument.name()) ? Optional.of(given.get(argument.name()))
                : argument.value().map(written -> expansion.text(written, this));
        value.ifPresent(known -> values.put(argument.name(), known));
        if (values.size() > Bounds.VARIABLES) {
            throw new DockerfileException("more than " + Bounds.VARIABLES + " arguments have values before the first FROM", List.of());
        }
    }

    boolean declares(String name) {
        return declared.contains(name) || values.containsKey(name);
    }

    Set<String> all() {
        Set<String> all = new HashSet<>(declared);
        all.addAll(values.keySet());
        return all;
    }

    @Override
    public Optional<String> value(String name) {
        return Optional.ofNullable(values.get(name));
    }

    @Override
    public Set<String> names() {
        return values.keySet();
    }
}
