package io.berth.api.image;

import io.berth.api.http.Filters;

/**
 * @param all also images without a name that others were built on
 * @param sharedSize compute how much each shares with others
 * @param manifests show what the documents name by which images came
 */
public record ListImages(boolean all, boolean sharedSize, boolean manifests, Filters filters) {
}
