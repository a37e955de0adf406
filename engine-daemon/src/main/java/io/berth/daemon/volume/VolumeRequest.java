package io.berth.daemon.volume;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What somebody wants of a volume that is to be made; of one that is there only the driver is compared.
 *
 * @param driver empty when it was left open
 * @param labels empty when none were given, which differs from an empty set; so with {@code options}
 */
public record VolumeRequest(Optional<String> driver, Optional<Map<String, String>> labels, Optional<Map<String, String>> options) {

    /** Nothing in particular. */
    public static final VolumeRequest ANY = new VolumeRequest(Optional.empty(), Optional.empty(), Optional.empty());

    /** @param driver as clients leave it open: by an empty text */
    public static VolumeRequest of(String driver, Optional<Map<String, String>> labels, Optional<Map<String, String>> options) {
        return new VolumeRequest(Optional.of(driver).filter(name -> !name.isEmpty()), labels, options);
    }

    VolumeRequest anonymous() {
        Map<String, String> marked = new LinkedHashMap<>(labels.orElse(Map.of()));
        marked.put(Volume.ANONYMOUS, "");
        return new VolumeRequest(driver, Optional.of(marked), options);
    }
}
