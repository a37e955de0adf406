package io.berth.daemon.volume;

import io.berth.daemon.volume.local.LocalMount;
import io.berth.daemon.volume.local.LocalOptions;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A volume as it was made.
 *
 * @param driver {@value #DRIVER}, or the name of the plugin that keeps it
 * @param labels empty when nobody gave any, which inspect tells from an empty set; so with {@code options}
 * @param madeFor the id of the container that it was made for without a name, until that container is removed without it: if
 *     there is no such container, nobody will ever ask for the volume
 */
public record Volume(VolumeName name, String driver, Instant created, Optional<Map<String, String>> labels, Optional<Map<String, String>> options,
        Optional<String> madeFor) {

    /** Marks what nobody named; prune looks at it. */
    public static final String ANONYMOUS = "com.docker.volume.anonymous";
    public static final String DRIVER = "local";

    public boolean isAnonymous() {
        return labels.map(given -> given.containsKey(ANONYMOUS)).orElse(false);
    }

    public boolean isLocal() {
        return driver.equals(DRIVER);
    }

    /** Whether its content is on the engine's own disk and nowhere else: what prune and df look at. */
    public boolean isOwnContent() {
        return isLocal() && options.orElse(Map.of()).isEmpty();
    }

    /** Whether it has to be mounted on the host before a container can have it. */
    public boolean isMounted() {
        return !isLocal() || localMount().isPresent();
    }

    Optional<LocalMount> localMount() {
        return isLocal() ? options.flatMap(LocalOptions::mount) : Optional.empty();
    }

    Volume kept() {
        return new Volume(name, driver, created, labels, options, Optional.empty());
    }
}
