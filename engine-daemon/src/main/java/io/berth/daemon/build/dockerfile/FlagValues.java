package io.berth.daemon.build.dockerfile;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Values of flags in the notations of Go, with Go's refusals. */
final class FlagValues {

    private static final Pattern DURATION_PART = Pattern.compile("([0-9]+\\.?[0-9]*|\\.[0-9]+)([^0-9.]*)");
    private static final Map<String, Long> NANOS = Map.of("ns", 1L, "us", 1_000L, "µs", 1_000L, "μs", 1_000L, "ms", 1_000_000L,
            "s", 1_000_000_000L, "m", 60_000_000_000L, "h", 3_600_000_000_000L);
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{1,18})?) ?(?:([kmgtp])(?:i?b)?|b)?", Pattern.CASE_INSENSITIVE);
    private static final int KIBI = 10;

    private FlagValues() {
    }

    static Optional<Boolean> truth(String text) {
        return switch (text) {
            case "1", "t", "T", "true", "TRUE", "True" -> Optional.of(true);
            case "0", "f", "F", "false", "FALSE", "False" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    /** Bytes: {@code 64m}, {@code 1.5 GiB}. */
    static OptionalLong size(String text) {
        Matcher parts = SIZE.matcher(text);
        if (!parts.matches()) {
            return OptionalLong.empty();
        }
        int power = parts.group(2) == null ? 0 : 1 + "kmgtp".indexOf(parts.group(2).toLowerCase(Locale.ROOT));
        BigDecimal bytes = new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(1L << KIBI * power));
        return bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0 ? OptionalLong.empty()
                : OptionalLong.of(bytes.setScale(0, RoundingMode.DOWN).longValueExact());
    }

    /** A number without sign of at most 32 bits. */
    static OptionalLong unsigned(String text, int radix) {
        if (text.isEmpty() || text.length() > 32 || !text.chars().allMatch(c -> c < 128 && Character.digit(c, radix) >= 0)) {
            return OptionalLong.empty();
        }
        BigInteger number = new BigInteger(text, radix);
        return number.bitLength() > Integer.SIZE ? OptionalLong.empty() : OptionalLong.of(number.longValueExact());
    }

    /** @throws DockerfileException when it is no number of 32 bits */
    static int number(String text) {
        if (!text.matches("[+-]?[0-9]+")) {
            throw failure("strconv.ParseInt: parsing " + Quoted.of(text) + ": invalid syntax");
        }
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException tooLong) {
            throw failure("strconv.ParseInt: parsing " + Quoted.of(text) + ": value out of range");
        }
    }

    /** @throws DockerfileException when it is none, or out of range */
    static Duration duration(String text) {
        String unsigned = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
        if (unsigned.equals("0")) {
            return Duration.ZERO;
        }
        Matcher part = DURATION_PART.matcher(unsigned);
        BigDecimal nanos = BigDecimal.ZERO;
        int at = 0;
        while (part.find() && part.start() == at) {
            String unit = part.group(2);
            if (unit.isEmpty()) {
                throw failure("time: missing unit in duration " + Quoted.of(text));
            }
            if (!NANOS.containsKey(unit)) {
                throw failure("time: unknown unit " + Quoted.of(unit) + " in duration " + Quoted.of(text));
            }
            nanos = nanos.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(NANOS.get(unit))));
            at = part.end();
        }
        if (at == 0 || at != unsigned.length() || nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw failure("time: invalid duration " + Quoted.of(text));
        }
        Duration duration = Duration.ofNanos(nanos.setScale(0, RoundingMode.DOWN).longValueExact());
        return text.startsWith("-") ? duration.negated() : duration;
    }

    private static DockerfileException failure(String why) {
        return new DockerfileException(why, List.of());
    }
}
