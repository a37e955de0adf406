package io.berth.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
                Map<String, Long> before = EngineSizes.of(engine);
                live(http, LIVES);
                Await.until("all traces to be gone", Duration.ofSeconds(10), () -> traces.containsAll(engine.traces()),
                        () -> engine.traces() + "\ninstead of " + traces);
                Await.until("as many descriptors and threads as before", Duration.ofSeconds(20), () -> EngineSizes.grown(before, EngineSizes.of(engine)).isEmpty(),
                        () -> EngineSizes.grown(before, EngineSizes.of(engine)).toString());
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
}
