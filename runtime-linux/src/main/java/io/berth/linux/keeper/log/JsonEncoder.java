package io.berth.linux.keeper.log;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Writes output as the {@code log} text of a JSON object, byte by byte as the reference engine's json-file driver does
 * (docs/formats/json-file.md): what is not UTF-8 becomes U+FFFD, control characters, the three characters that are special in
 * HTML and the two line separators of Unicode are escaped. One pass over the input, one array for the output: this is where a
 * container's output is spent most time on.
 */
final class JsonEncoder {

    /** What one byte of output can become. */
    private static final int LONGEST_ESCAPE = 6;
    /** The most that a piece of a line becomes, with its bytes in base64 and without its {@link Tail}. */
    static final int MOST = LONGEST_ESCAPE * (LogLine.LONGEST + 1) + 4 * (LogLine.LONGEST / 3 + 2) + 64;

    private static final byte[] HEAD = ascii("{\"log\":\"");
    private static final byte[] RAW = ascii(",\"raw\":\"");
    private static final byte[] REPLACEMENT = ascii("\\ufffd");
    private static final byte[] LINE_SEPARATOR = ascii("\\u2028");
    private static final byte[] PARAGRAPH_SEPARATOR = ascii("\\u2029");
    /** By ASCII character: what stands for it, null for itself. */
    private static final byte[][] ESCAPES = escapes();
    private static final boolean[] PLAIN = plain();

    private byte[] out = new byte[2 * MOST];
    private int length;
    private int begin;
    /** Whether the piece has bytes that its text cannot tell. */
    private boolean lossy;

    byte[] bytes() {
        return out;
    }

    int length() {
        return length;
    }

    /** Begins anew, with room for a piece and this much behind it. */
    void clear(int tail) {
        length = 0;
        if (out.length < MOST + tail) {
            out = new byte[MOST + 2 * tail];
        }
    }

    /** Whether there is no room for one more piece. */
    boolean isFull(int tail) {
        return out.length - length < MOST + tail;
    }

    /**
     * Begins a line of the log with the output from {@code from} on: up to the first newline, which belongs to it, or to
     * {@code limit}. There has to be room.
     *
     * @return where the piece ends
     */
    int begin(byte[] in, int from, int limit) {
        begin = length;
        lossy = false;
        byte[] to = out;
        System.arraycopy(HEAD, 0, to, length, HEAD.length);
        int o = length + HEAD.length;
        int i = from;
        while (i < limit) {
            int b = in[i];
            if (b < 0) {
                int width = width(in, i, limit);
                if (width == 0) {
                    System.arraycopy(REPLACEMENT, 0, to, o, REPLACEMENT.length);
                    o += REPLACEMENT.length;
                    lossy = true;
                    i++;
                } else if (b == (byte) 0xe2 && in[i + 1] == (byte) 0x80 && (in[i + 2] & 0xfe) == 0xa8) {
                    byte[] separator = in[i + 2] == (byte) 0xa8 ? LINE_SEPARATOR : PARAGRAPH_SEPARATOR;
                    System.arraycopy(separator, 0, to, o, separator.length);
                    o += separator.length;
                    i += width;
                } else {
                    for (int end = i + width; i < end; i++) {
                        to[o++] = in[i];
                    }
                }
            } else if (PLAIN[b]) {
                to[o++] = (byte) b;
                i++;
            } else {
                byte[] escape = ESCAPES[b];
                for (int j = 0; j < escape.length; j++) {
                    to[o++] = escape[j];
                }
                i++;
                if (b == '\n') {
                    break;
                }
            }
        }
        length = o;
        return i;
    }

    /** Takes the beginning back: the rest of the piece has not come yet. */
    void takeBack() {
        length = begin;
    }

    /** Ends the line. */
    void end(byte[] in, int from, int to, Tail tail) {
        System.arraycopy(tail.bytes, 0, out, length, tail.length);
        length += tail.length;
        if (lossy) {
            System.arraycopy(RAW, 0, out, length, RAW.length);
            length += RAW.length;
            byte[] raw = Base64.getEncoder().encode(from == 0 && to == in.length ? in : Arrays.copyOfRange(in, from, to));
            System.arraycopy(raw, 0, out, length, raw.length);
            length += raw.length;
            out[length++] = '"';
        }
        out[length++] = '}';
        out[length++] = '\n';
    }

    /** The bytes of the character at {@code i}, 0 when it is none (Unicode 16, table 3-7). */
    static int width(byte[] in, int i, int limit) {
        int first = in[i] & 0xff;
        int width = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
        if (width == 0 || i + width > limit) {
            return 0;
        }
        int second = in[i + 1] & 0xff;
        int least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        if (second < least || second > most) {
            return 0;
        }
        for (int j = i + 2; j < i + width; j++) {
            if ((in[j] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return width;
    }

    private static byte[][] escapes() {
        byte[][] escapes = new byte[128][];
        for (int c = 0; c < 128; c++) {
            boolean escaped = c < 0x20 || c == '<' || c == '>' || c == '&';
            escapes[c] = escaped ? ascii("\\u00" + Character.forDigit(c >> 4, 16) + Character.forDigit(c & 15, 16)) : null;
        }
        escapes['\n'] = ascii("\\n");
        escapes['\r'] = ascii("\\r");
        escapes['"'] = ascii("\\\"");
        escapes['\\'] = ascii("\\\\");
        return escapes;
    }

    private static boolean[] plain() {
        boolean[] plain = new boolean[128];
        for (int c = 0; c < 128; c++) {
            plain[c] = ESCAPES[c] == null;
        }
        return plain;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** What follows the text of every line of one chunk: {@code ","stream":"stdout","time":"…"}, still without the brace. */
    static final class Tail {

        private final byte[] bytes;
        private final int times;
        private int length;

        /** @param attributes a JSON object, or nothing */
        Tail(String stream, byte[] attributes) {
            byte[] begin = ascii("\",\"stream\":\"" + stream + (attributes.length == 0 ? "\"" : "\",\"attrs\":"));
            byte[] time = ascii(",\"time\":\"");
            bytes = Arrays.copyOf(begin, begin.length + attributes.length + time.length + LogTime.LONGEST + 1);
            System.arraycopy(attributes, 0, bytes, begin.length, attributes.length);
            System.arraycopy(time, 0, bytes, begin.length + attributes.length, time.length);
            times = begin.length + attributes.length + time.length;
        }

        Tail at(LogTime time, long nanos) {
            length = time.write(nanos, bytes, times);
            bytes[length++] = '"';
            return this;
        }

        int size() {
            return bytes.length;
        }
    }
}
