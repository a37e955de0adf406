package io.berth.api.wire.exec;

/** The answer of exec's create. */
public record CreateExecResponse(String id) {
}
