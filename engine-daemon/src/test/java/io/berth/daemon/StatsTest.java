package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What containers use, compared with what the kernel tells them themselves. */
class StatsTest extends ContainerTest {

    /** The user and system time of the shell and its children, in ticks of 10 ms (proc(5)). */
    private static final String OWN_TIME = "read -r line < /proc/1/stat; set -- $line; echo used $(( ${14} + ${15} + ${16} + ${17} ))";

    @Test
    void processorTimeIsWhatTheProcessesHaveUsed() {
        String id = runDetached(IMAGE, "sh", "-c", "i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done; " + OWN_TIME + "; exec sleep 1000");
        awaitLog(id, "used");
        long own = 10_000_000L * Long.parseLong(docker("logs", id).out().strip().split(" ")[1]);
        JsonNode cpu = once(id).get("cpu_stats");
        long total = cpu.at("/cpu_usage/total_usage").asLong();
        // The process counts in ticks, and not what it took to start it.
        assertTrue(total >= own - 20_000_000, () -> total + " ns in the statistics, " + own + " ns in the process");
        assertTrue(total <= 2 * own + 300_000_000, () -> total + " ns in the statistics, " + own + " ns in the process");
        long parts = cpu.at("/cpu_usage/usage_in_kernelmode").asLong() + cpu.at("/cpu_usage/usage_in_usermode").asLong();
        assertTrue(parts > 0 && parts <= total + 20_000_000, cpu.toString());
        assertTrue(cpu.get("system_cpu_usage").asLong() > total, cpu.toString());
        assertEquals(Runtime.getRuntime().availableProcessors(), cpu.get("online_cpus").asInt());
    }

    @Test
    void memoryAndProcessesAreThoseOfTheCgroup() {
        String id = runDetached("-m", "64m", "--pids-limit", "50", "--tmpfs", "/t", IMAGE, "sh", "-c",
                "dd if=/dev/zero of=/t/x bs=1048576 count=20 2>/dev/null; sleep 1000 & sleep 1000 & echo full; wait");
        awaitLog(id, "full");
        JsonNode stats = once(id);
        long usage = stats.at("/memory_stats/usage").asLong();
        assertTrue(usage >= 20 << 20 && usage <= 64 << 20, () -> stats.get("memory_stats").toString());
        assertEquals(64 << 20, stats.at("/memory_stats/limit").asLong());
        assertTrue(stats.at("/memory_stats/stats/inactive_file").isNumber(), () -> stats.get("memory_stats").toString());
        assertEquals("3 50", stats.at("/pids_stats/current").asText() + " " + stats.at("/pids_stats/limit").asText());
        assertEquals("0001-01-01T00:00:00Z", stats.get("preread").asText());
        assertNotEquals("0001-01-01T00:00:00Z", stats.get("read").asText());
        String unlimited = runDetached(IMAGE, "sleep", "1000");
        long limit = once(unlimited).at("/memory_stats/limit").asLong();
        assertTrue(limit > 64 << 20 && limit < 1L << 50, () -> "the machine's memory instead of " + limit);
    }

    @Test
    void networkIsCountedByTheInterfaceInsideTheContainer() {
        String id = runDetached(IMAGE, "sh", "-c", "ping -c 3 -s 1000 -W 1 $(ip route | sed -n 's/default via \\([^ ]*\\).*/\\1/p') > /dev/null; "
                + "echo sent $(sed -n 's/.*eth0: *\\([0-9]*\\) .*/\\1/p' /proc/net/dev); sleep 1000");
        awaitLog(id, "sent");
        long seen = Long.parseLong(docker("logs", id).out().strip().split(" ")[1]);
        JsonNode eth0 = once(id).at("/networks/eth0");
        assertTrue(seen > 3000, () -> seen + " bytes");
        assertTrue(eth0.get("rx_bytes").asLong() >= seen, eth0::toString);
        assertTrue(eth0.get("tx_bytes").asLong() > 3000, eth0::toString);
        assertEquals(8, eth0.size());
        String alone = runDetached("--network", "none", IMAGE, "sleep", "1000");
        assertFalse(once(alone).has("networks"));
        String host = runDetached("--network", "host", IMAGE, "sleep", "1000");
        assertFalse(once(host).has("networks"));
    }

    @Test
    void aContainerThatDoesNotRunHasZeros() {
        String id = docker(marked("create", "--name", "berth-test-idle", IMAGE, "true")).succeeded().strip();
        for (String way : List.of("stream=0", "stream=0&one-shot=1")) {
            JsonNode stats = json(engine.get("/v1.51/containers/" + id + "/stats?" + way));
            assertEquals("/berth-test-idle 0001-01-01T00:00:00Z {}", stats.get("name").asText() + " " + stats.get("read").asText() + " " + stats.get("memory_stats"));
            assertEquals(0, stats.at("/cpu_stats/cpu_usage/total_usage").asLong());
            assertTrue(stats.at("/blkio_stats/io_service_bytes_recursive").isNull());
        }
        assertEquals("400 cannot have stream=true and one-shot=true", refused(id, "stream=1&one-shot=1"));
        assertEquals("404 No such container: berth-test-none", refused("berth-test-none", "stream=0"));
        assertTrue(docker("stats", "--no-stream", "--format", "{{.Name}} {{.CPUPerc}} {{.PIDs}}", id).succeeded().contains("berth-test-idle 0.00% 0"));
    }

    private static String refused(String id, String query) {
        RawHttp.Answer answer = engine.get("/v1.51/containers/" + id + "/stats?" + query);
        return answer.status() + " " + message(answer);
    }

    @Test
    void aReadingWithoutStreamHasTheOneBeforeIt() {
        String id = runDetached(IMAGE, "sh", "-c", "while :; do :; done");
        JsonNode stats = json(engine.get("/v1.51/containers/" + id + "/stats?stream=0"));
        long before = stats.at("/precpu_stats/cpu_usage/total_usage").asLong();
        assertTrue(before > 0 && stats.at("/cpu_stats/cpu_usage/total_usage").asLong() > before, stats::toString);
        assertTrue(stats.at("/cpu_stats/system_cpu_usage").asLong() > stats.at("/precpu_stats/system_cpu_usage").asLong(), stats::toString);
        String shown = docker("stats", "--no-stream", "--format", "{{.CPUPerc}}", id).succeeded().strip();
        assertNotEquals("0.00%", shown);
    }

    @Test
    void aStreamGoesOnOverAStopAndEndsWithTheContainer() throws Exception {
        String id = runDetached("--name", "berth-test-read", IMAGE, "sleep", "1000");
        List<JsonNode> readings = new ArrayList<>();
        Process curl = new ProcessBuilder("curl", "-sN", "--unix-socket", engine.socket().toString(), "http://d/v1.51/containers/" + id + "/stats").start();
        try (BufferedReader lines = curl.inputReader(StandardCharsets.UTF_8)) {
            for (int reading = 0; reading < 2; reading++) {
                readings.add(json(lines.readLine()));
            }
            assertEquals("0001-01-01T00:00:00Z", readings.get(0).get("preread").asText());
            assertEquals(readings.get(0).get("read").asText(), readings.get(1).get("preread").asText());
            docker("stop", "-t", "0", id).succeeded();
            String line = lines.readLine();
            while (!line.contains("\"read\":\"0001-01-01T00:00:00Z\"")) {
                line = lines.readLine();
            }
            docker("rm", id).succeeded();
            while (line != null) {
                line = lines.readLine();
            }
            assertTrue(curl.waitFor(20, TimeUnit.SECONDS));
            assertEquals(0, curl.exitValue());
        } finally {
            curl.destroy();
        }
    }

    private static JsonNode once(String id) {
        return json(engine.get("/v1.51/containers/" + id + "/stats?stream=0&one-shot=1"));
    }
}
