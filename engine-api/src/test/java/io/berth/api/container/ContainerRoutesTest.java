package io.berth.api.container;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.api.FakeContainers;
import io.berth.api.http.Filters;
import io.berth.api.http.RawClient;
import io.berth.api.http.RawClient.Response;
import io.berth.api.http.Router;
import io.berth.api.http.TestServer;
import io.berth.api.wire.container.WaitResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ContainerRoutesTest {
    private static final String UPGRADE = " HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n";

    private final FakeContainers containers = new FakeContainers();
    private TestServer server;
    private RawClient client;

    @BeforeEach
    void start() throws IOException {
        Router router = new Router();
        new ContainerRoutes(containers).addTo(router);
        server = new TestServer(router);
        client = server.connect();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    @Test
    void listReadsItsParameters() throws IOException {
        assertEquals("[]\n", client.get("/containers/json?all=1&limit=3&size=true&filters=%7B%22label%22:%7B%22a%22:true%7D%7D").body());
        assertEquals("[]\n", client.get("/containers/json?limit=0").body());
        assertEquals(List.of(
                new ListContainers(true, OptionalInt.of(3), true, new Filters(Map.of("label", List.of("a")))),
                new ListContainers(false, OptionalInt.empty(), false, Filters.NONE)), containers.asked);
        assertMessage(400, "invalid filter 'foo'", client.get("/containers/json?filters=%7B%22foo%22:%5B%22a%22%5D%7D"));
    }

    @Test
    void createNeedsAConfiguration() throws IOException {
        Response created = client.post("/containers/create?name=n&platform=linux/amd64", "{\"Image\":\"i\",\"HostConfig\":{\"Memory\":5}}");
        assertEquals(201, created.status());
        assertEquals("{\"Id\":\"abc\",\"Warnings\":[]}\n", created.body());
        CreateContainer request = (CreateContainer) containers.asked.getFirst();
        assertEquals(Optional.of("n"), request.name());
        assertEquals(Optional.of("linux/amd64"), request.platform());
        assertEquals("i", request.body().image);
        assertEquals(5, request.body().hostConfig.memory);
        assertMessage(400, "config cannot be empty in order to create a container", client.post("/containers/create", "{}"));
    }

    @Test
    void theSmallOperationsPassTheirParameters() throws IOException {
        assertEquals(200, client.get("/containers/c/json?size=1").status());
        assertEquals("{\"Processes\":[],\"Titles\":[\"PID\"]}\n", client.get("/containers/c/top?ps_args=aux").body());
        assertEquals(200, client.post("/containers/c/resize?h=24&w=80", "").status());
        assertEquals(304, client.post("/containers/c/start", "").status());
        assertEquals(204, client.post("/containers/c/stop?t=-1&signal=INT", "").status());
        assertEquals(204, client.post("/containers/c/restart", "").status());
        assertEquals(204, client.post("/containers/c/kill", "").status());
        assertEquals(204, client.send("DELETE /containers/c?force=1&v=1 HTTP/1.1\r\n\r\n").readResponse().status());
        assertEquals(List.of("inspect true", "top aux", "resize 24 80", "start", "stop INT -1", "restart - -99", "kill KILL",
                new RemoveContainer("c", true, true, false)), containers.asked);
    }

    @Test
    void badParametersAreNamed() throws IOException {
        assertMessage(400, "invalid resize height \"a\": invalid syntax", client.post("/containers/c/resize?h=a&w=3", ""));
        assertMessage(400, "invalid resize width \"\": invalid syntax", client.post("/containers/c/resize?h=1", ""));
        assertMessage(400, "invalid condition: \"foo\"", client.post("/containers/c/wait?condition=foo", ""));
        assertMessage(400, "Bad parameters: you must choose at least one stream", client.get("/containers/c/logs"));
        assertMessage(400, "parameter t: \"abc\" is not a whole number", client.post("/containers/c/stop?t=abc", ""));
        assertMessage(404, "No such container: nope", client.get("/containers/nope/json"));
    }

    @Test
    void logsAreFramedUnlessThereIsATerminal() throws IOException {
        Response framed = client.get("/containers/c/logs?stdout=1&stderr=1&follow=1&tail=all&since=5&until=7.5&timestamps=1");
        assertEquals("application/vnd.docker.multiplexed-stream", framed.header("content-type"));
        assertEquals("\1\0\0\0\0\0\0\4out\n\2\0\0\0\0\0\0\4err\n", framed.body());
        Response bare = client.get("/containers/tty/logs?stdout=1&tail=3");
        assertEquals("application/vnd.docker.raw-stream", bare.header("content-type"));
        assertEquals("out\nerr\n", bare.body());
        assertEquals("application/vnd.docker.raw-stream", client.get("/v1.41/containers/c/logs?stdout=1").header("content-type"));
        assertEquals(new LogsRequest("c", true, true, Optional.of(Instant.ofEpochSecond(5)), Optional.of(Instant.ofEpochMilli(7500)),
                OptionalInt.empty(), true, true, false), containers.asked.getFirst());
        assertEquals("log closed", containers.asked.get(1));
        assertEquals(OptionalInt.of(3), ((LogsRequest) containers.asked.get(2)).tail());
    }

    @Test
    void theHeadOfAWaitComesBeforeItsEnd() throws Exception {
        client.send("POST /containers/c/wait?condition=removed HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
        assertEquals(200, client.readHead().status());
        assertEquals(List.of(WaitCondition.REMOVED), containers.asked);
        containers.exit.complete(WaitResponse.exited(3));
        assertEquals("{\"StatusCode\":3}\n", client.readChunk());
        assertEquals("", client.readChunk());
        assertTrue(containers.waitClosed.await(10, TimeUnit.SECONDS));
    }

    @Test
    void aWaitIsForgottenWhenItsClientGoes() throws Exception {
        client.send("POST /containers/c/wait HTTP/1.1\r\nContent-Length: 0\r\n\r\n").readHead();
        client.close();
        assertTrue(containers.waitClosed.await(10, TimeUnit.SECONDS));
    }

    @Test
    void attachAnswersAsClientsExpect() throws IOException {
        Response head = client.send("POST /containers/c/attach?stream=1&stdin=1&stdout=1&detachKeys=ctrl-a" + UPGRADE + "hi").readHead();
        assertEquals("HTTP/1.1 101 UPGRADED", head.statusLine());
        assertEquals("application/vnd.docker.multiplexed-stream", head.header("content-type"));
        client.closeOutput();
        assertArrayEquals(new byte[] {1, 0, 0, 0, 0, 0, 0, 2, 'h', 'i'}, client.readToEnd());
        assertEquals(new AttachRequest("c", false, true, true, true, false, Optional.of("ctrl-a")), containers.asked.getFirst());
        try (RawClient tty = server.connect()) {
            assertEquals("application/vnd.docker.raw-stream",
                    tty.send("POST /containers/tty/attach?stream=1" + UPGRADE).readHead().header("content-type"));
        }
        try (RawClient old = server.connect()) {
            Response plain = old.send("POST /containers/c/attach?stream=1 HTTP/1.1\r\nContent-Length: 0\r\n\r\n").readHead();
            assertEquals(200, plain.status());
            assertEquals("application/vnd.docker.raw-stream", plain.header("content-type"));
        }
    }

    @Test
    void aRefusedAttachIsAPlainText() throws IOException {
        Response refusal = client.send("POST /containers/nope/attach?stream=1" + UPGRADE).readResponse();
        assertEquals(404, refusal.status());
        assertEquals("application/vnd.docker.raw-stream", refusal.header("content-type"));
        assertEquals("No such container: nope\r\n", refusal.body());
        assertEquals(200, client.get("/containers/c/json").status());
    }

    private static void assertMessage(int status, String message, Response response) {
        assertEquals(status, response.status());
        assertEquals("{\"message\":\"" + message.replace("\"", "\\\"") + "\"}\n", response.body());
    }
}
