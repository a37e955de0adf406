package io.berth.api.wire.image;

import java.math.BigDecimal;
import java.math.MathContext;

/** How far something is, drawn as the reference draws it for clients that do not: {@code [==>   ]  36.45kB/1.08MB}. */
final class ProgressBar {
    private static final int WIDTH = 50;
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    /** As {@code %.4g} of C. */
    private static final MathContext DIGITS = new MathContext(4);

    private ProgressBar() {
    }

    static String of(long current, long total) {
        if (current <= 0 && total <= 0) {
            return "";
        }
        if (total <= 0) {
            return padded(current);
        }
        int done = (int) Math.min(WIDTH, current * 100.0 / total / 2);
        return "[" + "=".repeat(done) + ">" + " ".repeat(WIDTH - done) + "] " + padded(current) + (current > total ? "" : "/" + size(total));
    }

    private static String padded(long bytes) {
        return String.format("%8s", size(bytes));
    }

    private static String size(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 1000 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        BigDecimal rounded = new BigDecimal(value).round(DIGITS);
        return (rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString()) + UNITS[unit];
    }
}
