package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many containers in a row: what each leaves behind must be nothing, in the kernel and in the two processes. */
@Tag("engine")
@Timeout(300)
class EnduranceTest {

    private static final int LIVES = 1000;
    private static final Pattern ID = Pattern.compile("\"Id\":\"([0-9a-f]{64})\"");

    @Test
    void aThousandContainersLeaveNothingBehind() throws IOException {
        try (EngineUnderTest engine = EngineUnderTest.start()) {
            engine.requireBerth("looks into the daemon's process");
            engine.docker().runWithInput(TestImage.archive("berth-test:latest"), "load").succeeded();
            try (RawHttp http = engine.connect()) {
                live(http, 100);
                Set<String> traces = engine.traces();
                Map<String, Long> before = sizes(engine);
                live(http, LIVES);
                Await.until("all traces to be gone", Duration.ofSeconds(10), () -> traces.containsAll(engine.traces()),
                        () -> engine.traces() + "\ninstead of " + traces);
                Await.until("as many descriptors and threads as before", Duration.ofSeconds(20), () -> grown(before, sizes(engine)).isEmpty(),
                        () -> grown(before, sizes(engine)).toString());
            }
            assertEquals("[]", engine.get("/v1.51/containers/json?all=1").text().strip());
        }
    }

    private static void live(RawHttp http, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            RawHttp.Answer created = http.request("POST", "/v1.51/containers/create", "{\"Image\":\"berth-test\",\"Cmd\":[\"true\"]}");
            Matcher id = ID.matcher(created.text());
            assertTrue(id.find(), created.text());
            String container = "/v1.51/containers/" + id.group(1);
            assertEquals(204, http.request("POST", container + "/start", "").status());
            assertEquals(200, http.request("POST", container + "/wait", "").status());
            assertEquals(204, http.request("DELETE", container, "").status());
        }
    }

    /** Descriptors, threads and KiB of private memory of every process of the engine. */
    private static Map<String, Long> sizes(EngineUnderTest engine) {
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
    private static Map<String, String> grown(Map<String, Long> before, Map<String, Long> after) {
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
