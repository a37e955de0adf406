package io.berth.api.wire.container;

/**
 * A file of a container that is not as in its image.
 *
 * @param kind 0 modified, 1 added, 2 deleted
 */
public record PathChange(String path, int kind) {
}
