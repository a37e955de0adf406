package io.berth.api.image;

import java.util.Optional;

/**
 * @param image with or without tag or digest
 * @param tag or a digest, instead of the one in {@code image}; empty when there is none: without either all tags are pulled
 * @param registryAuth credentials, as the header has them; empty for nobody's
 */
public record PullImage(String image, String tag, Optional<String> platform, String registryAuth) {
}
