package io.berth.daemon.volume;

import io.berth.api.http.ApiException;
import java.util.Map;
import java.util.Set;

/** What may be asked of a volume's driver: there is the local one, and it takes no options yet. */
public final class VolumeDriver {

    /** What the reference's local driver knows. */
    private static final Set<String> KNOWN = Set.of("type", "o", "device", "size");

    private VolumeDriver() {
    }

    /**
     * @param volume for the message
     * @param driver empty for the default
     * @throws ApiException for any other driver and any option
     */
    public static void require(String volume, String driver, Map<String, String> options) {
        if (!driver.isEmpty() && !driver.equals(Volume.DRIVER)) {
            throw ApiException.notFound("create " + volume + ": error looking up volume plugin " + driver + ": plugin \"" + driver + "\" not found");
        }
        for (String option : options.keySet()) {
            throw ApiException.invalid(KNOWN.contains(option)
                    ? "the option \"" + option + "\" of the volume driver local is not supported by this version of berth"
                    : "create " + volume + ": invalid option: \"" + option + "\"");
        }
    }
}
