package io.berth.api.http;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/**
 * How a long body is compressed for a client that asks for it (RFC 9110, 12.5.3). {@code deflate} is the bare format of RFC 1951,
 * as the reference sends it, not wrapped as RFC 9110 would have it.
 */
public enum ContentCoding {
    IDENTITY, GZIP, DEFLATE;

    private static final int BUFFER = 32 << 10;

    /** The coding with the highest weight, gzip before deflate when they have the same; identity when none is asked for. */
    public static ContentCoding accepted(Exchange exchange) {
        String header = exchange.header("Accept-Encoding").orElse("");
        double gzip = weight(header, "gzip");
        double deflate = weight(header, "deflate");
        if (gzip == 0 && deflate == 0) {
            return IDENTITY;
        }
        return gzip >= deflate ? GZIP : DEFLATE;
    }

    private static double weight(String header, String coding) {
        double any = 0;
        for (String element : header.split(",")) {
            String[] parts = element.strip().split(";");
            String name = parts[0].strip().toLowerCase(Locale.ROOT);
            double weight = parts.length < 2 ? 1 : quality(parts[1].strip());
            if (name.equals(coding)) {
                return weight;
            }
            if (name.equals("*")) {
                any = weight;
            }
        }
        return any;
    }

    /** What cannot be read counts as not asked for. */
    private static double quality(String parameter) {
        try {
            return parameter.startsWith("q=") ? Double.parseDouble(parameter.substring(2)) : 0;
        } catch (NumberFormatException unreadable) {
            return 0;
        }
    }

    /** Begins a response as {@link Exchange#stream}, whose body is sent in this coding. Closing the stream ends the response. */
    public OutputStream stream(Exchange exchange, String contentType) throws IOException {
        if (this != IDENTITY) {
            exchange.setHeader("Content-Encoding", name().toLowerCase(Locale.ROOT));
        }
        OutputStream out = exchange.stream(200, contentType);
        return switch (this) {
            case IDENTITY -> out;
            case GZIP -> new GZIPOutputStream(out, BUFFER);
            case DEFLATE -> new DeflaterOutputStream(out, new Deflater(Deflater.DEFAULT_COMPRESSION, true), BUFFER);
        };
    }
}
