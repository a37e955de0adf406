package io.berth.store.layer;

import io.berth.store.content.StoreException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The records of a pax header, each {@code LENGTH KEY=VALUE\n}. Values are bytes: paths need not be UTF-8, whatever the standard
 * says, and extended attributes are binary.
 */
final class PaxRecords {

    static final PaxRecords NONE = new PaxRecords();

    /** Longer ones are not times but attempts to keep us busy; so are exponents. */
    private static final int LONGEST_TIME = 40;
    static final String ATTRIBUTE_PREFIX = "SCHILY.xattr.";

    private final Map<String, byte[]> values = new LinkedHashMap<>();
    private final List<TarEntry.Attribute> attributes = new ArrayList<>();
    /** The map of GNU's sparse format 0.0, which repeats its keys. */
    private final List<Long> sparseNumbers = new ArrayList<>();

    private PaxRecords() {}

    static PaxRecords parse(byte[] content) {
        PaxRecords records = new PaxRecords();
        int at = 0;
        while (at < content.length) {
            int space = indexOf(content, (byte) ' ', at, content.length);
            long length = space < 0 ? 0 : number(Arrays.copyOfRange(content, at, space));
            if (length < 5 || length > content.length - at || content[at + (int) length - 1] != '\n') {
                throw invalid();
            }
            int end = at + (int) length - 1;
            int equals = indexOf(content, (byte) '=', space + 1, end);
            if (equals < 0) {
                throw invalid();
            }
            records.put(Arrays.copyOfRange(content, space + 1, equals), Arrays.copyOfRange(content, equals + 1, end));
            at = end + 1;
        }
        return records;
    }

    private void put(byte[] key, byte[] value) {
        String name = new String(key, StandardCharsets.ISO_8859_1);
        if (name.startsWith(ATTRIBUTE_PREFIX)) {
            attributes.add(new TarEntry.Attribute(Arrays.copyOfRange(key, ATTRIBUTE_PREFIX.length(), key.length), value));
        } else if (name.equals("GNU.sparse.offset") || name.equals("GNU.sparse.numbytes")) {
            sparseNumbers.add(number(value));
        } else {
            values.put(name, value);
        }
    }

    /** An empty value means that the header's own field counts. */
    Optional<byte[]> bytes(String key) {
        byte[] value = values.get(key);
        return value == null || value.length == 0 ? Optional.empty() : Optional.of(value);
    }

    OptionalLong number(String key) {
        return bytes(key).map(value -> OptionalLong.of(number(value))).orElse(OptionalLong.empty());
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    List<TarEntry.Attribute> attributes() {
        return attributes;
    }

    /** Offsets and lengths in turn, of the sparse formats 0.0 and 0.1. */
    List<Long> sparseMap() {
        Optional<byte[]> map = bytes("GNU.sparse.map");
        if (map.isEmpty()) {
            return sparseNumbers;
        }
        return Arrays.stream(new String(map.get(), StandardCharsets.US_ASCII).split(","))
                .map(text -> number(text.getBytes(StandardCharsets.US_ASCII))).toList();
    }

    /** A time as {@code seconds[.fraction]}, rounded down to nanoseconds. */
    record Time(long seconds, int nanos) {}

    Optional<Time> time(String key) {
        return bytes(key).map(value -> {
            if (value.length > LONGEST_TIME || indexOf(value, (byte) 'e', 0, value.length) >= 0
                    || indexOf(value, (byte) 'E', 0, value.length) >= 0) {
                throw invalid();
            }
            try {
                BigDecimal time = new BigDecimal(new String(value, StandardCharsets.US_ASCII));
                BigDecimal seconds = time.setScale(0, RoundingMode.FLOOR);
                BigDecimal nanos = time.subtract(seconds).movePointRight(9).setScale(0, RoundingMode.FLOOR);
                return new Time(seconds.longValueExact(), nanos.intValueExact());
            } catch (ArithmeticException | NumberFormatException unsound) {
                throw invalid();
            }
        });
    }

    static long number(byte[] digits) {
        try {
            return Long.parseLong(new String(digits, StandardCharsets.US_ASCII));
        } catch (NumberFormatException unsound) {
            throw invalid();
        }
    }

    private static int indexOf(byte[] content, byte wanted, int from, int to) {
        for (int i = from; i < to; i++) {
            if (content[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    private static StoreException invalid() {
        return StoreException.invalid("archive/tar: invalid tar header: a pax record is malformed");
    }
}
