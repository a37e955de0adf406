package io.berth.daemon.boot;

import java.nio.file.Path;

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

    /** A path below / that means the same whatever the working directory is. */
    static Path absolutePath(String text) {
        Path path = Path.of(text);
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("not an absolute path");
        }
        return path.normalize();
    }
}
