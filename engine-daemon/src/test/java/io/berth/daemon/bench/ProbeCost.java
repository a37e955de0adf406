package io.berth.daemon.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.berth.daemon.RawHttp;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** What one probe of a container's health costs in processor time: the engine's part, and that of the probe's own process. */
final class ProbeCost {

    private static final int CONTAINERS = 10;
    private static final long INTERVAL_NANOS = 200_000_000L;
    private static final long WARM_UP_NANOS = 5_000_000_000L;
    private static final long WINDOW_NANOS = 10_000_000_000L;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Subject subject;

    ProbeCost(Subject subject) {
        this.subject = subject;
    }

    /** Milliseconds a probe. Nobody looks while it is measured: how many probes there were tell the times of the last ones. */
    double millis() throws IOException {
        List<String> containers = new ArrayList<>();
        try (RawHttp http = new RawHttp(subject.socket())) {
            for (int i = 0; i < CONTAINERS; i++) {
                containers.add(start(http));
            }
            LockSupport.parkNanos(WARM_UP_NANOS);
            double before = subject.processorMillis();
            long start = System.nanoTime();
            LockSupport.parkNanos(WINDOW_NANOS);
            double used = subject.processorMillis() - before;
            double seconds = (System.nanoTime() - start) / 1e9;
            double probes = 0;
            for (String container : containers) {
                probes += seconds / secondsBetweenProbes(http, container);
                EngineBench.expect(204, http.request("DELETE", container + "?force=1", ""));
            }
            return used / probes;
        }
    }

    private static String start(RawHttp http) throws IOException {
        String created = EngineBench.expect(201, http.request("POST", "/v1.51/containers/create", "{\"Image\":\"berth-bench\",\"Cmd\":[\"sleep\",\"1000\"],"
                + "\"HostConfig\":{\"NetworkMode\":\"none\"},\"Healthcheck\":{\"Test\":[\"CMD\",\"true\"],\"Interval\":" + INTERVAL_NANOS + "}}"));
        String container = "/v1.51/containers/" + JSON.readTree(created).path("Id").asText();
        EngineBench.expect(204, http.request("POST", container + "/start", ""));
        return container;
    }

    private static double secondsBetweenProbes(RawHttp http, String container) throws IOException {
        JsonNode log = JSON.readTree(EngineBench.expect(200, http.request("GET", container + "/json", ""))).at("/State/Health/Log");
        if (log.size() < 2) {
            throw new IllegalStateException("there were no probes: " + log);
        }
        Instant first = Instant.parse(log.get(0).path("Start").asText());
        Instant last = Instant.parse(log.get(log.size() - 1).path("Start").asText());
        return Duration.between(first, last).toNanos() / 1e9 / (log.size() - 1);
    }
}
