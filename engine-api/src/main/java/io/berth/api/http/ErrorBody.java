package io.berth.api.http;

import io.berth.api.wire.ErrorResponse;
import io.berth.api.wire.Json;
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
        byte[] json = Json.bytes(value);
        byte[] line = Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        return line;
    }

    /** A complete response after which the connection is closed. */
    static byte[] response(int status, String message, CommonHeaders common) {
        byte[] body = of(message);
        byte[] head = new ResponseHead(status).header("Content-Type", "application/json").lines(common.lines())
                .header("Content-Length", String.valueOf(body.length)).header("Connection", "close").bytes();
        byte[] response = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, response, head.length, body.length);
        return response;
    }
}
