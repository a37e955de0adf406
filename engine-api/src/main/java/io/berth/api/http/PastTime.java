package io.berth.api.http;

import java.math.BigDecimal;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A time as clients write it into filters: seconds since 1970 with or without a fraction, a date or time of RFC 3339 (in this
 * machine's time zone when it names none), or how long ago it was, as Go writes durations: {@code 1h30m}.
 */
public final class PastTime {
    private static final Pattern SECONDS = Pattern.compile("\\d{1,11}(?:\\.\\d{1,9})?");
    private static final Pattern DURATION = Pattern.compile("[-+]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:ns|us|µs|μs|ms|s|m|h)"
            + "(?:(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:ns|us|µs|μs|ms|s|m|h))*");
    private static final Pattern PART = Pattern.compile("([\\d.]+)(ns|us|µs|μs|ms|s|m|h)");

    private PastTime() {
    }

    /** The time of the filter {@code until}; invalid (400) when there are several, or it cannot be read. */
    public static Optional<Instant> until(Filters filters, Clock clock) {
        List<String> values = filters.get("until");
        if (values.size() > 1) {
            throw ApiException.invalid("more than one until filter specified");
        }
        return values.stream().findFirst().map(value -> parse(value, clock.instant()));
    }

    /** The earliest of the times of the filter {@code until}, where several are one; invalid (400) when one cannot be read. */
    public static Optional<Instant> earliest(Filters filters, Clock clock) {
        Instant now = clock.instant();
        return filters.get("until").stream().map(value -> parse(value, now)).min(Comparator.naturalOrder());
    }

    static Instant parse(String text, Instant now) {
        try {
            if (SECONDS.matcher(text).matches()) {
                BigDecimal seconds = new BigDecimal(text);
                return Instant.ofEpochSecond(seconds.longValue(), seconds.remainder(BigDecimal.ONE).movePointRight(9).longValue());
            }
            if (DURATION.matcher(text).matches()) {
                return now.minus(duration(text));
            }
            return date(text);
        } catch (DateTimeException | ArithmeticException unreadable) {
            throw ApiException.invalid("failed to parse value as time or duration: \"" + text + "\"");
        }
    }

    private static Duration duration(String text) {
        BigDecimal nanoseconds = BigDecimal.ZERO;
        Matcher parts = PART.matcher(text);
        while (parts.find()) {
            nanoseconds = nanoseconds.add(new BigDecimal("0" + parts.group(1) + "0").multiply(unit(parts.group(2))));
        }
        Duration duration = Duration.ofNanos(nanoseconds.toBigInteger().longValueExact());
        return text.startsWith("-") ? duration.negated() : duration;
    }

    private static BigDecimal unit(String unit) {
        return BigDecimal.valueOf(switch (unit) {
            case "ns" -> 1L;
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            case "h" -> 3_600_000_000_000L;
            default -> 1_000L;
        });
    }

    private static Instant date(String text) {
        if (text.length() <= 10) {
            return LocalDate.parse(text).atStartOfDay(ZoneId.systemDefault()).toInstant();
        }
        boolean zoned = text.endsWith("Z") || text.lastIndexOf('+') > 10 || text.lastIndexOf('-') > 10;
        return zoned ? OffsetDateTime.parse(text).toInstant() : LocalDateTime.parse(text).atZone(ZoneId.systemDefault()).toInstant();
    }
}
