package io.berth.daemon.stats;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The machine's memory: the limit of containers that have none. */
public final class MachineMemory {

    private static final Path MEMINFO = Path.of("/proc/meminfo");

    private MachineMemory() {
    }

    /** Bytes. */
    public static long total() {
        try (var lines = Files.lines(MEMINFO)) {
            return lines.filter(line -> line.startsWith("MemTotal:")).mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                    .findFirst().orElse(Long.MAX_VALUE);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("read the machine's memory", unreadable);
        }
    }
}
