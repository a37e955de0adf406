package io.berth.store.archive;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.store.content.StoreException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The Dockerfile's {@code HEALTHCHECK [--interval=…] CMD …} and {@code HEALTHCHECK NONE}. Times are nanoseconds in the result. */
final class HealthChange {

    private static final Pattern OPTION = Pattern.compile("^--([a-z-]+)=(\\S+)\\s*");
    private static final Pattern DURATION = Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|ms|s|m|h)");
    private static final Map<String, Long> UNITS = Map.of("ns", 1L, "us", 1_000L, "ms", 1_000_000L, "s", 1_000_000_000L,
            "m", 60_000_000_000L, "h", 3_600_000_000_000L);
    private static final long SHORTEST = 1_000_000;
    private static final Map<String, String> TIMES = Map.of("interval", "Interval", "timeout", "Timeout", "start-period", "StartPeriod",
            "start-interval", "StartInterval");

    /** Reads the words of a command, in the form of JSON or of a shell. */
    interface Words {
        /** The list, or nothing for the form of a shell. */
        List<String> exec(String arguments);
    }

    private HealthChange() {
    }

    static void apply(ObjectNode config, String arguments, Words words) {
        String rest = arguments;
        ObjectNode check = config.objectNode();
        for (Matcher option = OPTION.matcher(rest); option.find(); option = OPTION.matcher(rest)) {
            option(check, option.group(1), option.group(2));
            rest = rest.substring(option.end());
        }
        String[] parts = rest.split("\\s+", 2);
        List<String> test = new ArrayList<>();
        switch (parts[0].toUpperCase(Locale.ROOT)) {
            case "NONE" -> {
                if (parts.length > 1) {
                    throw StoreException.invalid("HEALTHCHECK NONE takes no arguments");
                }
                test.add("NONE");
            }
            case "CMD" -> {
                if (parts.length < 2) {
                    throw StoreException.invalid("Missing command after HEALTHCHECK CMD");
                }
                List<String> exec = words.exec(parts[1]);
                test.addAll(exec.isEmpty() ? List.of("CMD-SHELL", parts[1]) : exec);
                if (!exec.isEmpty()) {
                    test.addFirst("CMD");
                }
            }
            default -> throw StoreException.invalid("Unknown type \"" + parts[0] + "\" in HEALTHCHECK (try CMD)");
        }
        ArrayNode list = check.putArray("Test");
        test.forEach(list::add);
        config.set("Healthcheck", check);
    }

    private static void option(ObjectNode check, String name, String value) {
        if (name.equals("retries")) {
            check.put("Retries", retries(value));
        } else if (TIMES.containsKey(name)) {
            check.put(TIMES.get(name), nanos(name, value));
        } else {
            throw StoreException.invalid("unknown flag: --" + name);
        }
    }

    private static int retries(String value) {
        if (!value.matches("-?\\d{1,9}")) {
            throw StoreException.invalid("HEALTHCHECK --retries: \"" + value + "\" is not a number");
        }
        int retries = Integer.parseInt(value);
        if (retries < 0) {
            throw StoreException.invalid("--retries cannot be negative (" + retries + ")");
        }
        return retries;
    }

    private static long nanos(String name, String text) {
        Matcher part = DURATION.matcher(text);
        BigDecimal nanos = BigDecimal.ZERO;
        int at = 0;
        while (part.find() && part.start() == at) {
            nanos = nanos.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(UNITS.get(part.group(2)))));
            at = part.end();
        }
        if (at != text.length() || nanos.precision() - nanos.scale() > 18) {
            throw StoreException.invalid("time: invalid duration \"" + text + "\"");
        }
        if (nanos.signum() != 0 && nanos.longValue() < SHORTEST) {
            throw StoreException.invalid("Interval \"" + name + "\" cannot be less than 1ms");
        }
        return nanos.longValue();
    }
}
