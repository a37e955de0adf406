package io.berth.api.image;

import java.util.List;
import java.util.Optional;

/**
 * @param source {@code -} for the body of the request, or a URL; without a scheme it is {@code http://}
 * @param repository empty leaves the image without a name
 * @param tag empty means latest
 * @param message the comment of the image's one step; empty says where it came from
 * @param changes Dockerfile instructions that are applied to its configuration, such as {@code CMD ["sh"]}
 */
public record ImportImage(String source, String repository, String tag, String message, List<String> changes, Optional<String> platform) {
}
