package io.berth.daemon.boot;

import java.nio.file.Path;
import java.util.Map;

/** Text into values; each refuses with the reason alone, the caller adds the setting's name. */
final class Values {

    private Values() {
    }

    static boolean bool(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("neither true nor false");
        };
    }

    /** {@code NAME=VALUE}; the value may be empty. */
    static Map.Entry<String, String> pair(String text) {
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw new IllegalArgumentException("not NAME=VALUE");
        }
        return Map.entry(text.substring(0, equals), text.substring(equals + 1));
    }

    /** A path below / that means the same whatever the working directory is. */
    static Path absolutePath(String text) {
        Path path = Path.of(text);
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("not an absolute path");
        }
        return path.normalize();
    }
}
