package io.berth.daemon;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** How big the processes of an engine are. */
final class EngineSizes {

    private EngineSizes() {
    }

    /** Descriptors, threads and KiB of private memory of every process of the engine. */
    static Map<String, Long> of(EngineUnderTest engine) {
        Map<String, Long> sizes = new TreeMap<>();
        for (long pid : engine.network().processes()) {
            String name = pid == engine.pid() ? "daemon " : "keeper ";
            sizes.put(name + "descriptors", entries(pid, "fd"));
            sizes.put(name + "threads", entries(pid, "task"));
            sizes.put(name + "memory", memory(pid));
        }
        return sizes;
    }

    /** What has grown by more than noise: a JVM starts a compiler thread now and then, and its heap breathes. */
    static Map<String, String> grown(Map<String, Long> before, Map<String, Long> after) {
        Map<String, String> grown = new TreeMap<>();
        after.forEach((name, size) -> {
            long allowed = name.endsWith("memory") ? 40 * 1024 : name.endsWith("threads") ? 6 : 8;
            if (size > before.getOrDefault(name, 0L) + allowed) {
                grown.put(name, before.get(name) + " -> " + size);
            }
        });
        return grown;
    }

    private static long entries(long pid, String directory) {
        try (Stream<Path> entries = Files.list(Path.of("/proc/" + pid + '/' + directory))) {
            return entries.count();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static long memory(long pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
            return lines.filter(line -> line.startsWith("Private_Dirty:")).mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).sum();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
