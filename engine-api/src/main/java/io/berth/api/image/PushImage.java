package io.berth.api.image;

import java.util.Optional;

/**
 * @param image with or without tag
 * @param tag instead of the one in {@code image}; empty when there is none: without either all tags of the repository are pushed
 * @param platform which image of several, as JSON
 * @param registryAuth credentials, as the header has them; empty for nobody's
 */
public record PushImage(String image, String tag, Optional<String> platform, String registryAuth) {
}
