package io.berth.daemon.container;

import io.berth.linux.keeper.log.LogOptions;
import java.util.Locale;
import java.util.Map;

/** The options {@code max-size} and {@code max-file} of the json-file log driver. */
final class LogSizes {

    /** In the reference engine no limit, and its default. */
    private static final String UNLIMITED = "-1";

    private LogSizes() {
    }

    /** @throws NumberFormatException when one of them is no size or number */
    static ContainerSpec.LogLimits limits(Map<String, String> options) {
        String wanted = options.getOrDefault("max-size", UNLIMITED);
        long size = wanted.equals(UNLIMITED) ? LogOptions.DEFAULT_SEGMENT_BYTES : bytes(wanted);
        int files = options.containsKey("max-file") ? Integer.parseInt(options.get("max-file")) : LogOptions.DEFAULT_SEGMENTS;
        if (size < 1 || files < 1) {
            throw new NumberFormatException("less than one");
        }
        return new ContainerSpec.LogLimits(size, files);
    }

    /** As in {@code 10m}, {@code 1g}, {@code 512kb}. */
    private static long bytes(String text) {
        String lower = text.toLowerCase(Locale.ROOT).replaceAll("i?b$", "");
        int unit = lower.isEmpty() ? -1 : "kmgt".indexOf(lower.charAt(lower.length() - 1));
        String number = unit < 0 ? lower : lower.substring(0, lower.length() - 1);
        long count = Long.parseLong(number.strip());
        long factor = 1L << 10 * (unit + 1);
        if (count > Long.MAX_VALUE / factor) {
            throw new NumberFormatException("too large: " + text);
        }
        return count * factor;
    }
}
