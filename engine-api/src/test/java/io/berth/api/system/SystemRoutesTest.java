package io.berth.api.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.api.FakeSystem;
import io.berth.api.http.Endpoint;
import io.berth.api.http.Filters;
import io.berth.api.http.RawClient;
import io.berth.api.http.RawClient.Response;
import io.berth.api.http.Router;
import io.berth.api.http.TestServer;
import io.berth.api.wire.system.Event;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SystemRoutesTest {
    private final FakeSystem system = new FakeSystem();
    private TestServer server;
    private RawClient client;

    @BeforeEach
    void start() throws IOException {
        Router router = new Router();
        new SystemRoutes(system).addTo(router);
        server = new TestServer(router);
        client = server.connect();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    @Test
    void pingTellsWhatClientsLookFor() throws IOException {
        Response ping = client.get("/_ping");
        assertEquals("OK", ping.body());
        assertEquals("2", ping.header("content-length"));
        Response head = client.send("HEAD /_ping HTTP/1.1\r\n\r\n").readHead();
        assertEquals("0", head.header("content-length"));
        for (Response response : List.of(ping, head)) {
            assertEquals("text/plain; charset=utf-8", response.header("content-type"));
            assertEquals("1.51", response.header("api-version"));
            assertEquals("1", response.header("builder-version"));
            assertEquals("inactive", response.header("swarm"));
            assertEquals("no-cache, no-store, must-revalidate", response.header("cache-control"));
            assertEquals("no-cache", response.header("pragma"));
        }
    }

    @Test
    void eventsAreOneALineAndEndWithTheSubscription() throws IOException {
        client.send("GET /events?since=5&filters=%7B%22type%22:%5B%22container%22%5D%7D HTTP/1.1\r\n\r\n");
        assertEquals("application/json", client.readHead().header("content-type"));
        system.events.add(Optional.of(Event.of("network", "connect", "n", Map.of(), Instant.ofEpochSecond(1))));
        assertEquals("{\"Type\":\"network\",\"Action\":\"connect\",\"Actor\":{\"ID\":\"n\",\"Attributes\":{}},\"scope\":\"local\",\"time\":1,"
                + "\"timeNano\":1000000000}\n", client.readChunk());
        system.events.add(Optional.empty());
        assertEquals("", client.readChunk());
        assertEquals(List.of(new EventsRequest(Optional.of(Instant.ofEpochSecond(5)), Optional.empty(),
                new Filters(Map.of("type", List.of("container"))))), system.asked);
    }

    @Test
    void aSubscriptionEndsWhenItsClientGoes() throws Exception {
        client.send("GET /events HTTP/1.1\r\n\r\n").readHead();
        client.close();
        assertEquals("closed", system.closedSubscriptions.poll(10, TimeUnit.SECONDS));
    }

    @Test
    void diskUsageCountsWhatIsAskedFor() throws IOException {
        assertEquals("{\"LayersSize\":0,\"Images\":[],\"Containers\":[],\"Volumes\":[],\"BuildCache\":[]}\n", client.get("/system/df").body());
        client.get("/system/df?type=image&type=build-cache");
        assertEquals(List.of(EnumSet.allOf(DiskUsageType.class), EnumSet.of(DiskUsageType.IMAGE, DiskUsageType.BUILD_CACHE)), system.asked);
        assertEquals("{\"message\":\"unknown object type: foo\"}\n", client.get("/system/df?type=foo").body());
    }

    @Test
    void theDockerClientUnderstandsVersionAndInfo() throws Exception {
        assumeTrue(Arrays.stream(System.getenv("PATH").split(":")).anyMatch(path -> Files.isExecutable(Path.of(path, "docker"))),
                "the docker client is not installed");
        String socket = ((Endpoint.Unix) server.unix()).path().toString();
        String tcp = server.tcp().toString();
        for (String host : List.of("unix://" + socket, tcp)) {
            String version = docker(host, "version");
            assertTrue(version.contains("Server: Berth\n Engine:\n  Version:          28.5.2+berth\n  API version:      1.51 (minimum version 1.24)"),
                    version);
            assertEquals("28.5.2+berth fake inactive\n", docker(host, "info", "--format", "{{.ServerVersion}} {{.Name}} {{.Swarm.LocalNodeState}}"));
        }
    }

    private static String docker(String host, String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("docker", "-H", host).redirectErrorStream(true);
        builder.command().addAll(List.of(arguments));
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }
}
