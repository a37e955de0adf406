package io.berth.linux.keeper.log;

import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * Times of a json-file: RFC 3339 in UTC with as many digits of the fraction as are not zero, as Go's {@code RFC3339Nano} writes
 * them. For one thread.
 */
final class LogTime {

    /** {@code 2006-01-02T15:04:05.999999999Z}. */
    static final int LONGEST = 30;
    private static final int SECONDS_END = 19;
    private static final long NANOS = 1_000_000_000L;

    private long second = Long.MIN_VALUE;
    private byte[] text = {};

    /** Writes the time into {@code to} from {@code at} on; where it ends. */
    int write(long nanos, byte[] to, int at) {
        long wanted = Math.floorDiv(nanos, NANOS);
        if (wanted != second) {
            second = wanted;
            LocalDateTime time = LocalDateTime.ofEpochSecond(wanted, 0, ZoneOffset.UTC);
            String shown = time.toString();
            text = (shown.length() == SECONDS_END ? shown : shown + ":00").getBytes(StandardCharsets.US_ASCII);
        }
        System.arraycopy(text, 0, to, at, SECONDS_END);
        int end = at + SECONDS_END;
        int fraction = (int) Math.floorMod(nanos, NANOS);
        if (fraction != 0) {
            to[end++] = '.';
            for (int unit = 100_000_000; fraction > 0; unit /= 10) {
                to[end++] = (byte) ('0' + fraction / unit);
                fraction %= unit;
            }
        }
        to[end++] = 'Z';
        return end;
    }

    /** Reads such a time; -1 when it is none. */
    static long read(byte[] from, int at, int end) {
        if (end - at < SECONDS_END + 1 || from[end - 1] != 'Z' || from[at + 4] != '-' || from[at + 10] != 'T') {
            return -1;
        }
        int year = digits(from, at, 4);
        int month = digits(from, at + 5, 2);
        int day = digits(from, at + 8, 2);
        int seconds = digits(from, at + 11, 2) * 3600 + digits(from, at + 14, 2) * 60 + digits(from, at + 17, 2);
        if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31 || seconds < 0) {
            return -1;
        }
        long fraction = 0;
        int unit = 100_000_000;
        for (int i = at + SECONDS_END + 1; i < end - 1 && unit > 0; i++, unit /= 10) {
            fraction += (long) digits(from, i, 1) * unit;
        }
        return (daysSince1970(year, month, day) * 86_400 + seconds) * NANOS + fraction;
    }

    /** In the Gregorian calendar; the year is counted from March, so that the leap day is its last. */
    private static long daysSince1970(int year, int month, int day) {
        int y = month > 2 ? year : year - 1;
        int m = month > 2 ? month - 3 : month + 9;
        return 365L * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
    }

    private static int digits(byte[] from, int at, int count) {
        int value = 0;
        for (int i = at; i < at + count; i++) {
            int digit = from[i] - '0';
            if (digit < 0 || digit > 9) {
                return Integer.MIN_VALUE / 100_000;
            }
            value = 10 * value + digit;
        }
        return value;
    }
}
