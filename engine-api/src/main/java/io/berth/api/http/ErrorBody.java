package io.berth.api.http;

import io.berth.api.wire.ErrorResponse;
import io.berth.api.wire.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The JSON body of a refusal: {@code {"message":"…"}} and a line end. */
final class ErrorBody {
    private ErrorBody() {
    }

    static byte[] of(String message) {
        return line(new ErrorResponse(message));
    }

    /** A value and a line end, as every JSON response ends. */
    static byte[] line(Object value) {
        return line(value, "\n");
    }

    static byte[] line(Object value, String lineEnd) {
        return join(Json.bytes(value), lineEnd.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /** A complete response after which the connection is closed. */
    static byte[] response(int status, String message, CommonHeaders common) {
        byte[] body = of(message);
        byte[] head = new ResponseHead(status).header("Content-Type", "application/json").lines(common.lines())
                .header("Content-Length", String.valueOf(body.length)).header("Connection", "close").bytes();
        return join(head, body);
    }
}
