package io.berth.api.http;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The parameters after the question mark, decoded. A parameter given several times has its first value, except for {@link #all}. */
public final class Query {
    private static final Set<String> FALSE = Set.of("", "0", "no", "false", "none");
    private static final Pattern SECONDS = Pattern.compile("([-+]?\\d{1,11})(?:\\.(\\d+))?");

    private final Map<String, List<String>> parameters;

    Query(Map<String, List<String>> parameters) {
        this.parameters = parameters;
    }

    public boolean has(String name) {
        return parameters.containsKey(name);
    }

    /** The value, or an empty text when absent. */
    public String text(String name) {
        return parameters.getOrDefault(name, List.of("")).getFirst();
    }

    public String text(String name, String absent) {
        String value = text(name);
        return value.isEmpty() ? absent : value;
    }

    /** The value, absent when the parameter is missing or empty. */
    public Optional<String> optional(String name) {
        return Optional.of(text(name)).filter(value -> !value.isEmpty());
    }

    public List<String> all(String name) {
        return parameters.getOrDefault(name, List.of());
    }

    /** False when absent, empty, or 0, no, false, none in any case; everything else is true. */
    public boolean flag(String name) {
        return !FALSE.contains(text(name).strip().toLowerCase(Locale.ROOT));
    }

    public boolean flag(String name, boolean absent) {
        return has(name) ? flag(name) : absent;
    }

    /** A whole number; absent when missing or empty. */
    public OptionalInt integer(String name) {
        String value = text(name);
        if (value.isEmpty()) {
            return OptionalInt.empty();
        }
        try {
            return OptionalInt.of(Integer.parseInt(value));
        } catch (NumberFormatException failure) {
            throw ApiException.invalid("parameter " + name + ": \"" + value + "\" is not a whole number");
        }
    }

    /** Seconds since 1970 or before, with a fraction of which nanoseconds count; absent when missing or empty. */
    public Optional<Instant> instant(String name) {
        return optional(name).map(value -> {
            Matcher form = SECONDS.matcher(value);
            if (!form.matches()) {
                throw ApiException.invalid("parameter " + name + ": \"" + value + "\" is not a time in seconds since 1970");
            }
            String fraction = form.group(2) == null ? "" : form.group(2);
            return Instant.ofEpochSecond(Long.parseLong(form.group(1)), Long.parseLong((fraction + "000000000").substring(0, 9)));
        });
    }
}
