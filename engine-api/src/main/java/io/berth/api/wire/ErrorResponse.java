package io.berth.api.wire;

/** The body of every refused request: {@code {"message":"…"}}. */
public record ErrorResponse(@WireName("message") String message) {
}
