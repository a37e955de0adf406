package io.berth.api.image;

import java.util.List;

/**
 * @param names each a reference, a repository for all its tags, an id or a digest
 * @param platforms only the images for these, as {@code linux/arm64} or as JSON; all when empty
 */
public record SaveImages(List<String> names, List<String> platforms) {
}
