package io.berth.api.container;

import io.berth.api.wire.container.ContainerConfig;
import java.util.List;
import java.util.Optional;

/**
 * An image to be made from a container.
 *
 * @param repository of the image's name, empty for an image without one
 * @param tag empty for the default
 * @param pause whether a running container stands still meanwhile
 * @param changes texts of a Dockerfile
 * @param config how the image's containers run where it says something, before what the container has; the changes apply to it
 */
public record CommitContainer(String container, String repository, String tag, String comment, String author, boolean pause,
        List<String> changes, Optional<ContainerConfig> config) {
}
