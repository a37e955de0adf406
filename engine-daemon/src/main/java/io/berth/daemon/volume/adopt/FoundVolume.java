package io.berth.daemon.volume.adopt;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A volume of another engine.
 *
 * @param labels empty when none were given; so with {@code options}
 * @param content empty when its content is not on that engine's disk: it belongs to a plugin, or is mounted by its options
 */
record FoundVolume(String name, String driver, Instant created, Optional<Map<String, String>> labels, Optional<Map<String, String>> options,
        Optional<Path> content) {
}
