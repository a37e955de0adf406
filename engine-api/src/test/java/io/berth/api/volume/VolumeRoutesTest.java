package io.berth.api.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.berth.api.FakeVolumes;
import io.berth.api.http.Router;
import io.berth.api.http.TestServer;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class VolumeRoutesTest {
    private static final String THERE = "\"Mountpoint\":\"/v/there/_data\",\"Name\":\"there\"";

    private final FakeVolumes volumes = new FakeVolumes();
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        Router router = new Router();
        new VolumeRoutes(volumes).addTo(router);
        server = new TestServer(router);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void aListSaysThatThereAreNoWarnings() throws IOException {
        assertEquals("{\"Volumes\":[{\"CreatedAt\":\"2026-03-01T12:00:00Z\",\"Driver\":\"local\",\"Labels\":null," + THERE
                + ",\"Options\":null,\"Scope\":\"local\"}],\"Warnings\":null}\n", server.call("GET", "/volumes", "").body());
    }

    @Test
    void labelsThatWereGivenAreRepeatedAlsoWhenThereAreNone() throws IOException {
        assertEquals("{\"CreatedAt\":\"2026-03-01T12:00:00Z\",\"Driver\":\"local\",\"Labels\":{}," + THERE
                + ",\"Options\":{\"a\":\"\"},\"Scope\":\"local\"}\n",
                server.call("POST", "/volumes/create", "{\"Name\":\"v\",\"Labels\":{},\"DriverOpts\":{\"a\":null}}").body());
        assertEquals(201, server.call("POST", "/volumes/create", "").status());
        assertEquals(List.of("create v {}", "create  null"), volumes.asked);
    }

    @Test
    void anUnknownFilterIsRefused() throws IOException {
        assertEquals("{\"message\":\"invalid filter 'a'\"}\n", server.call("GET", "/volumes?filters={\"a\":[\"b\"]}", "").body());
        assertEquals("{\"message\":\"invalid filter 'dangling'\"}\n", server.call("POST", "/volumes/prune?filters={\"dangling\":[\"b\"]}", "").body());
    }

    @Test
    void pruneSparesWhatHasANameUnlessItIsAskedForOrTheClientIsOld() throws IOException {
        server.call("POST", "/volumes/prune", "");
        server.call("POST", "/volumes/prune?filters={\"all\":[\"0\"]}", "");
        server.call("POST", "/volumes/prune?filters={\"all\":{\"true\":true}}", "");
        server.call("POST", "/v1.41/volumes/prune", "");
        assertEquals(List.of("prune {} false", "prune {all=[0]} false", "prune {all=[true]} true", "prune {} true"), volumes.asked);
        assertEquals("{\"message\":\"invalid filter 'all': strconv.ParseBool: parsing \\\"x\\\": invalid syntax\"}\n",
                server.call("POST", "/volumes/prune?filters={\"all\":[\"x\"]}", "").body());
    }

    @Test
    void removingAnswersWithNothing() throws IOException {
        assertEquals(204, server.call("DELETE", "/volumes/there?force=1", "").status());
        assertEquals(List.of("remove there true"), volumes.asked);
        assertEquals(404, server.call("GET", "/volumes/not", "").status());
    }
}
