package io.berth.api.registry;

import io.berth.api.http.Filters;

/**
 * A search.
 *
 * @param term a word, or a registry and a word
 * @param limit from 1 to 100
 * @param registryAuth the header X-Registry-Auth as it came, or empty
 */
public record SearchImages(String term, int limit, Filters filters, String registryAuth) {
}
