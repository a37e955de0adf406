package io.berth.store.layer;

/**
 * One file of an unpacked layer that is not as its blob says.
 *
 * @param file its path in the layer, {@code /} for the layer itself
 * @param problem as {@code is missing}, {@code has mode 0644 instead of 0755}
 */
public record LayerDifference(String file, String problem) {}
