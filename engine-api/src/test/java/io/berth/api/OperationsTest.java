package io.berth.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.api.Operation.State;
import io.berth.api.http.RawClient;
import io.berth.api.http.RawClient.Response;
import io.berth.api.http.TestServer;
import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every operation of the API answers as the table says. */
@Timeout(60)
class OperationsTest {
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        FakeSystem system = new FakeSystem();
        system.events.add(Optional.empty());
        server = new TestServer(ApiRoutes.of(system, new FakeContainers(), new FakeExecs(), new FakeFiles(), new FakeImages(), new FakeRegistries(),
                new FakeVolumes(), new FakeNetworks(), (request, findings) -> {
                    throw new UnsupportedOperationException();
                }, UnaryOperator.identity()));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void theTableHoldsEveryOperationOnce() {
        assertEquals(Operations.all().size(), new HashSet<>(Operations.all().stream().map(Operation::toString).toList()).size());
        assertTrue(Operations.all().size() >= 108, Operations.all().size() + " operations");
    }

    @Test
    void operationsToComeSaySo() throws IOException {
        for (Operation operation : Operations.all()) {
            if (operation.state() == State.NOT_YET && !operation.method().equals("HEAD")) {
                Response response = call(operation);
                assertEquals(501, response.status(), operation.toString());
                assertEquals("{\"message\":\"" + operation + " is not supported by this version of berth yet\"}\n", response.body());
            }
        }
    }

    @Test
    void builtOperationsAreRouted() throws IOException {
        for (Operation operation : Operations.all()) {
            if (operation.state() == State.BUILT && !operation.method().equals("HEAD")) {
                Response response = call(operation);
                assertNotEquals("{\"message\":\"page not found\"}\n", response.body(), operation.toString());
                assertTrue(!response.body().contains("is not supported by this version of berth yet"), operation.toString());
            }
        }
    }

    @Test
    void swarmAnswersAsAnEngineThatIsNoManager() throws IOException {
        try (RawClient client = server.connect()) {
            for (String path : new String[] {"/swarm", "/nodes", "/v1.51/services", "/tasks/x/logs", "/secrets/1", "/configs"}) {
                Response response = client.get(path);
                assertEquals(503, response.status(), path);
                assertEquals("{\"message\":\"This node is not a swarm manager. Use \\\"docker swarm init\\\" or \\\"docker swarm join\\\" to"
                        + " connect this node to swarm and try again.\"}\n", response.body());
            }
            Response update = client.send("PUT /volumes/x?version=1 HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n").readResponse();
            assertEquals("503 {\"message\":\"volume update only valid for cluster volumes, but swarm is unavailable\"}\n", update.status() + " " + update.body());
        }
    }

    @Test
    void thereAreNoPlugins() throws IOException {
        try (RawClient client = server.connect()) {
            assertEquals("[]\n", client.get("/plugins").body());
            assertEquals(501, client.post("/plugins/vieux/sshfs:latest/enable", "").status());
        }
    }

    /** On a connection of its own, because an attach takes it over. */
    private Response call(Operation operation) throws IOException {
        try (RawClient client = server.connect()) {
            String path = operation.path().replaceAll("\\{\\w+}", "x");
            return client.send(operation.method() + " /v1.51" + path + " HTTP/1.1\r\nContent-Length: 0\r\n\r\n").readResponse();
        }
    }
}
