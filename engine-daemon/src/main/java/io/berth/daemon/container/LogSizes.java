package io.berth.daemon.container;

import io.berth.linux.keeper.log.LogOptions;
import java.util.Locale;
import java.util.Map;

/** The options {@code max-size} and {@code max-file} of the json-file log driver. */
final class LogSizes {

    private LogSizes() {
    }

    /** @throws NumberFormatException when one of them is no size or number */
    static ContainerSpec.LogLimits limits(Map<String, String> options) {
        long size = options.containsKey("max-size") ? bytes(options.get("max-size")) : LogOptions.DEFAULT_SEGMENT_BYTES;
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
        return Math.multiplyExact(Long.parseLong(number.strip()), 1L << 10 * (unit + 1));
    }
}
