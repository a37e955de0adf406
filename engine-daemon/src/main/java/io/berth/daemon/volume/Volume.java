package io.berth.daemon.volume;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A volume as it was made.
 *
 * @param labels empty when nobody gave any, which inspect tells from an empty set; so with {@code options}
 * @param madeFor the id of the container that it was made for without a name, until that container is removed without it: if
 *     there is no such container, nobody will ever ask for the volume
 */
public record Volume(VolumeName name, Instant created, Optional<Map<String, String>> labels, Optional<Map<String, String>> options,
        Optional<String> madeFor) {

    /** Marks what nobody named; prune looks at it. */
    public static final String ANONYMOUS = "com.docker.volume.anonymous";
    public static final String DRIVER = "local";

    public boolean isAnonymous() {
        return labels.map(given -> given.containsKey(ANONYMOUS)).orElse(false);
    }

    Volume kept() {
        return new Volume(name, created, labels, options, Optional.empty());
    }
}
