package io.berth.linux.keeper.log;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads one line of a json-file log: an object with the fields {@code log}, {@code stream}, {@code time}, and perhaps {@code attrs} and
 * {@code raw}. Others are left out, as whoever wrote them wanted. The text stays bytes all the way.
 */
final class JsonLine {

    private static final byte[] NOTHING = {};

    private final byte[] in;
    private final int end;
    private int at;

    private JsonLine(byte[] in, int from, int end) {
        this.in = in;
        this.at = from;
        this.end = end;
    }

    /** Nothing when it is no such object. */
    static Optional<LogLine> parse(byte[] in, int from, int end) {
        try {
            return Optional.of(new JsonLine(in, from, end).line());
        } catch (IllegalArgumentException | IndexOutOfBoundsException unreadable) {
            return Optional.empty();
        }
    }

    private LogLine line() {
        byte[] log = NOTHING;
        Optional<byte[]> raw = Optional.empty();
        int stream = LogFormat.STDOUT;
        long time = -1;
        Map<String, String> attributes = Map.of();
        expect('{');
        while (next() != '}') {
            String name = text();
            expect(':');
            switch (name) {
                case "log" -> log = string();
                case "raw" -> raw = Optional.of(Base64.getDecoder().decode(string()));
                case "stream" -> stream = text().equals("stderr") ? LogFormat.STDERR : LogFormat.STDOUT;
                case "time" -> {
                    byte[] shown = string();
                    time = LogTime.read(shown, 0, shown.length);
                }
                case "attrs" -> attributes = attributes();
                default -> skipValue();
            }
            if (next() == ',') {
                at++;
            }
        }
        if (time < 0) {
            throw new IllegalArgumentException("a line without a time");
        }
        return new LogLine(stream, time, raw.orElse(log), attributes);
    }

    private Map<String, String> attributes() {
        if (next() != '{') {
            skipValue();
            return Map.of();
        }
        Map<String, String> attributes = new TreeMap<>();
        at++;
        while (next() != '}') {
            String name = text();
            expect(':');
            attributes.put(name, text());
            if (next() == ',') {
                at++;
            }
        }
        at++;
        return attributes;
    }

    private void skipValue() {
        int depth = 0;
        do {
            switch (next()) {
                case '"' -> string();
                case '{', '[' -> {
                    depth++;
                    at++;
                }
                case '}', ']' -> {
                    depth--;
                    at++;
                }
                default -> at++;
            }
        } while (depth > 0 || next() != ',' && next() != '}');
    }

    /** The next byte that is no space; -1 at the end. */
    private int next() {
        while (at < end && in[at] <= ' ' && in[at] >= 0) {
            at++;
        }
        if (at >= end) {
            throw new IllegalArgumentException("the line ends before its object");
        }
        return in[at];
    }

    private void expect(char wanted) {
        if (next() != wanted) {
            throw new IllegalArgumentException("no " + wanted);
        }
        at++;
    }

    private String text() {
        return new String(string(), StandardCharsets.UTF_8);
    }

    private byte[] string() {
        expect('"');
        int from = at;
        while (in[at] != '"' && in[at] != '\\' && at < end) {
            at++;
        }
        if (in[at] == '"') {
            return Arrays.copyOfRange(in, from, at++);
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream(2 * (at - from) + 64);
        text.write(in, from, at - from);
        while (at < end && in[at] != '"') {
            if (in[at] == '\\') {
                at++;
                escaped(text);
            } else {
                int plain = at;
                while (at < end && in[at] != '"' && in[at] != '\\') {
                    at++;
                }
                text.write(in, plain, at - plain);
            }
        }
        expect('"');
        return text.toByteArray();
    }

    private void escaped(ByteArrayOutputStream text) {
        byte kind = in[at++];
        switch (kind) {
            case 'n' -> text.write('\n');
            case 'r' -> text.write('\r');
            case 't' -> text.write('\t');
            case 'b' -> text.write('\b');
            case 'f' -> text.write('\f');
            case 'u' -> text.writeBytes(character().getBytes(StandardCharsets.UTF_8));
            default -> text.write(kind);
        }
    }

    /** A character of four hexadecimal digits, or of a pair of such. */
    private String character() {
        char first = unit();
        if (Character.isHighSurrogate(first) && at + 1 < end && in[at] == '\\' && in[at + 1] == 'u') {
            at += 2;
            return new String(new char[] {first, unit()});
        }
        return String.valueOf(Character.isSurrogate(first) ? '\ufffd' : first);
    }

    private char unit() {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(in[at++], 16);
            if (digit < 0) {
                throw new IllegalArgumentException("no hexadecimal digit");
            }
            unit = 16 * unit + digit;
        }
        return (char) unit;
    }
}
