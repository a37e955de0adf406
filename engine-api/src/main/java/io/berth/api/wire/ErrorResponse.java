package io.berth.api.wire;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The body of every refused request: {@code {"message":"…"}}. */
public record ErrorResponse(@JsonProperty("message") String message) {
}
