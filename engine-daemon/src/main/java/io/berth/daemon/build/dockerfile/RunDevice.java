package io.berth.daemon.build.dockerfile;

import java.util.List;
import java.util.Locale;

/**
 * {@code RUN --device=…}: a device by its CDI name.
 *
 * @param required whether a build fails where it is missing
 */
public record RunDevice(String name, boolean required) {

    private static final List<String> KEYS = List.of("name", "required");

    /** @throws DockerfileException with the reference's reason */
    static RunDevice of(String text) {
        String name = "";
        boolean required = false;
        for (String field : CsvFields.of(text, "devices")) {
            int equals = field.indexOf('=');
            String key = (equals < 0 ? field : field.substring(0, equals)).toLowerCase(Locale.ROOT);
            String value = equals < 0 ? "" : field.substring(equals + 1);
            if (key.equals("required")) {
                required = equals < 0 || FlagValues.truth(value).orElseThrow(() -> failure("invalid value for " + key + ": " + value));
            } else if (key.equals("name") && equals >= 0) {
                if (!name.isEmpty()) {
                    throw failure("device name already set to " + name);
                }
                name = value;
            } else if (name.isEmpty()) {
                name = field; // a CDI name has an equals sign
            } else if (equals < 0) {
                throw failure("invalid field '" + field + "' must be a key=value pair");
            } else {
                throw failure("unexpected key '" + key + "' in '" + field + "'" + Suggestion.hint(Suggestion.of(key, KEYS)));
            }
        }
        return new RunDevice(name, required);
    }

    private static DockerfileException failure(String why) {
        return new DockerfileException(why, List.of());
    }
}
