package io.berth.api.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;

/** The status line and headers of a response, as text in the making. */
final class ResponseHead {
    private final StringBuilder text = new StringBuilder(320);

    ResponseHead(int status) {
        this(status, HttpResponseStatus.valueOf(status).reasonPhrase());
    }

    ResponseHead(int status, String reason) {
        text.append("HTTP/1.1 ").append(status).append(' ').append(reason).append("\r\n");
    }

    ResponseHead header(String name, String value) {
        text.append(name).append(": ").append(value).append("\r\n");
        return this;
    }

    /** Complete lines with their ends. */
    ResponseHead lines(CharSequence lines) {
        text.append(lines);
        return this;
    }

    byte[] bytes() {
        return (text + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Keeps whoever sets a header from writing another one, or the body. */
    static void requireOneLine(String name, String value) {
        if ((name + value).chars().anyMatch(c -> c < ' ' && c != '\t')) {
            throw new IllegalArgumentException("response header " + name + " contains a control character");
        }
    }
}
