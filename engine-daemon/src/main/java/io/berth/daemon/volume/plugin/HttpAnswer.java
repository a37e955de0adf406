package io.berth.daemon.volume.plugin;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** An answer of HTTP/1.1, read whole: by its length, in chunks, or to the end of the connection (RFC 9112, 6.3). */
record HttpAnswer(int status, byte[] body) {

    /** A list of some ten thousand volumes; more is no answer. */
    private static final int LONGEST = 16 << 20;
    private static final int LONGEST_LINE = 64 << 10;

    static HttpAnswer read(SocketChannel channel) throws IOException {
        return read(new BufferedInputStream(new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return channel.read(ByteBuffer.wrap(into, offset, length));
            }
        }));
    }

    static HttpAnswer read(InputStream in) throws IOException {
        String[] first = line(in).split(" ", 3);
        if (first.length < 2 || !first[0].startsWith("HTTP/1.") || !first[1].matches("[1-5][0-9][0-9]")) {
            throw new IOException("malformed HTTP response");
        }
        Map<String, String> headers = new TreeMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
            }
        }
        return new HttpAnswer(Integer.parseInt(first[1]), body(in, headers));
    }

    private static byte[] body(InputStream in, Map<String, String> headers) throws IOException {
        if (headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked")) {
            return chunks(in);
        }
        if (headers.containsKey("content-length")) {
            return exactly(in, length(headers.get("content-length"), 10));
        }
        byte[] all = in.readNBytes(LONGEST + 1);
        return checked(all.length, all);
    }

    private static byte[] chunks(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            int length = length(line(in).split(";")[0].strip(), 16);
            if (length == 0) {
                return body.toByteArray(); // what follows are trailers, of which none is wanted
            }
            body.write(exactly(in, length));
            checked(body.size(), null);
            line(in);
        }
    }

    private static byte[] exactly(InputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("unexpected end of the answer");
        }
        return bytes;
    }

    private static int length(String text, int base) throws IOException {
        try {
            int length = Integer.parseInt(text, base);
            checked(length, null);
            return length;
        } catch (NumberFormatException noLength) {
            throw new IOException("malformed length \"" + text + "\" in the answer", noLength);
        }
    }

    private static byte[] checked(int length, byte[] body) throws IOException {
        if (length < 0 || length > LONGEST) {
            throw new IOException("an answer of more than " + LONGEST + " bytes");
        }
        return body;
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0 || line.size() > LONGEST_LINE) {
                throw new EOFException("unexpected end of the answer");
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.ISO_8859_1).strip();
    }
}
