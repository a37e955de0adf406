package io.berth.store.registry;

/**
 * A repository that a search found.
 *
 * @param official whether docker.io takes care of it itself
 */
public record Found(String name, String description, int stars, boolean official) {}
