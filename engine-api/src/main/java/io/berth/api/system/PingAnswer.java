package io.berth.api.system;

/**
 * @param builderVersion 1 when only the classic builder is served, 2 when BuildKit is; an advice to clients
 */
public record PingAnswer(int builderVersion) {
}
