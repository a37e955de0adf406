package io.berth.daemon.build.dockerfile;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The {@code --name=value} of one instruction, against those that it has. */
final class InstructionFlags {

    /** What a flag takes. */
    enum Kind { TEXT, TEXTS, TRUTH }

    private final Map<String, List<String>> given = new HashMap<>();

    private InstructionFlags() {
    }

    /** For an instruction that has none. */
    static void none(List<String> written) {
        of(written, new LinkedHashMap<>());
    }

    /** @throws DockerfileException when one is unknown, there twice, or without the value that it takes */
    static InstructionFlags of(List<String> written, Map<String, Kind> known) {
        InstructionFlags flags = new InstructionFlags();
        for (String flag : written) {
            int equals = flag.indexOf('=');
            String dashed = equals < 0 ? flag : flag.substring(0, equals);
            flags.add(dashed, equals < 0 ? Optional.empty() : Optional.of(flag.substring(equals + 1)), known);
        }
        return flags;
    }

    private void add(String dashed, Optional<String> value, Map<String, Kind> known) {
        String name = dashed.substring(2);
        Kind kind = known.get(name);
        if (kind == null) {
            throw failure("unknown flag: " + dashed + Suggestion.hint(Suggestion.of(name, known.keySet())));
        }
        if (kind != Kind.TEXTS && given.containsKey(name)) {
            throw failure("duplicate flag specified: " + dashed);
        }
        if (value.isEmpty() && kind != Kind.TRUTH || kind == Kind.TRUTH && value.filter(String::isEmpty).isPresent()) {
            throw failure("missing a value on flag: " + dashed);
        }
        if (kind == Kind.TRUTH && value.isPresent() && !List.of("true", "false").contains(value.get().toLowerCase(Locale.ROOT))) {
            throw failure("expecting boolean value for flag " + dashed + ", not: " + value.get());
        }
        given.computeIfAbsent(name, first -> new ArrayList<>()).add(value.orElse("true"));
    }

    /** The value, or an empty text. */
    String text(String name) {
        return given.getOrDefault(name, List.of("")).getFirst();
    }

    String text(String name, String otherwise) {
        return given.containsKey(name) ? text(name) : otherwise;
    }

    List<String> texts(String name) {
        return List.copyOf(given.getOrDefault(name, List.of()));
    }

    boolean isTrue(String name) {
        return truth(name).orElse(false);
    }

    Optional<Boolean> truth(String name) {
        return Optional.ofNullable(given.get(name)).map(values -> values.getFirst().equalsIgnoreCase("true"));
    }

    private static DockerfileException failure(String why) {
        return new DockerfileException(why, List.of());
    }
}
