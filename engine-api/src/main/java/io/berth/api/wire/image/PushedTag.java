package io.berth.api.wire.image;

import io.berth.api.wire.WireName;

/**
 * What a push made, for programs.
 *
 * @param size of the manifest or index, in bytes
 */
public record PushedTag(@WireName("Tag") String tag, @WireName("Digest") String digest, @WireName("Size") long size) {
}
