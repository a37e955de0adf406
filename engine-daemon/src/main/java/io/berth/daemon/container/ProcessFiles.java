package io.berth.daemon.container;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which of the paths below {@code /proc} and {@code /sys} that a container must not read or write this kernel has. They are
 * the same in every container, so the host is asked, once a path.
 */
final class ProcessFiles {

    private enum Kind { MISSING, FILE, DIRECTORY }

    private final Map<String, Kind> known = new ConcurrentHashMap<>();

    /** Those that exist, and whether each is a directory. */
    Map<String, Boolean> present(List<String> paths) {
        Map<String, Boolean> present = new LinkedHashMap<>();
        for (String path : paths) {
            Kind kind = known.computeIfAbsent(path, ProcessFiles::look);
            if (kind != Kind.MISSING) {
                present.put(path, kind == Kind.DIRECTORY);
            }
        }
        return present;
    }

    private static Kind look(String text) {
        Path path = Path.of(text);
        return Files.isDirectory(path) ? Kind.DIRECTORY : Files.exists(path) ? Kind.FILE : Kind.MISSING;
    }
}
