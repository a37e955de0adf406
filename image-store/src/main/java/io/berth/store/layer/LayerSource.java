package io.berth.store.layer;

import io.berth.store.content.Digest;

/**
 * A layer and what to make it from.
 *
 * @param diffId the digest of its tar, uncompressed
 * @param blob the digest of that tar as it is stored, perhaps compressed
 */
public record LayerSource(Digest diffId, Digest blob) {}
