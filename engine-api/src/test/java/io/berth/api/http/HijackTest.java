package io.berth.api.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.berth.api.http.RawClient.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HijackTest {
    static final String UPGRADE = " HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n";

    private final CompletableFuture<Exception> writeToVanished = new CompletableFuture<>();
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(new Router()
                .add("POST", "/echo", exchange -> {
                    try (HijackedStream stream = exchange.hijack("application/vnd.docker.raw-stream")) {
                        stream.input().transferTo(stream.output());
                        stream.output().write(" end".getBytes(StandardCharsets.UTF_8));
                    }
                })
                .add("POST", "/half", exchange -> {
                    HijackedStream stream = exchange.hijack("application/vnd.docker.raw-stream");
                    stream.output().write("all I have to say".getBytes(StandardCharsets.UTF_8));
                    stream.output().close();
                    byte[] late = stream.input().readAllBytes();
                    writeToVanished.complete(new Exception(new String(late, StandardCharsets.UTF_8)));
                    stream.close();
                })
                .add("POST", "/talk", exchange -> {
                    try (HijackedStream stream = exchange.hijack("application/vnd.docker.raw-stream")) {
                        while (true) {
                            stream.output().write(new byte[1000]);
                        }
                    } catch (IOException gone) {
                        writeToVanished.complete(gone);
                    }
                })
                .add("POST", "/farewell", exchange -> {
                    try (HijackedStream stream = exchange.hijack("application/vnd.docker.raw-stream")) {
                        stream.output().write(new byte[300_000]);
                    }
                })
                .add("POST", "/refused", exchange -> {
                    throw ApiException.conflict("not now");
                }));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        assertEquals(0, Buffers.inUse(), "buffers that nobody released");
    }

    @Test
    void anUpgradeIsAnsweredWith101AndTheHeadersClientsCheck() throws IOException {
        for (Endpoint endpoint : server.endpoints()) {
            try (RawClient client = new RawClient(endpoint)) {
                Response head = client.send("POST /v1.50/echo" + UPGRADE).readHead();
                assertEquals("HTTP/1.1 101 UPGRADED", head.statusLine());
                assertEquals("application/vnd.docker.raw-stream", head.header("content-type"));
                assertEquals("Upgrade", head.header("connection"));
                assertEquals("tcp", head.header("upgrade"));
                assertFalse(head.headers().containsKey("transfer-encoding"));
            }
        }
    }

    @Test
    void withoutAnUpgradeTheStreamFollowsA200() throws IOException {
        try (RawClient client = server.connect()) {
            Response head = client.send("POST /echo HTTP/1.1\r\nContent-Length: 0\r\n\r\n").readHead();
            assertEquals("HTTP/1.1 200 OK", head.statusLine());
            assertFalse(head.headers().containsKey("transfer-encoding"));
            assertFalse(head.headers().containsKey("content-length"));
            client.send("raw").closeOutput();
            assertEquals("raw end", new String(client.readToEnd(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void theEndOfTheInputLeavesTheOutputOpen() throws IOException {
        for (Endpoint endpoint : server.endpoints()) {
            try (RawClient client = new RawClient(endpoint)) {
                client.send("POST /echo" + UPGRADE).readHead();
                client.send("last words").closeOutput();
                assertEquals("last words end", new String(client.readToEnd(), StandardCharsets.UTF_8));
            }
        }
    }

    @Test
    void theEndOfTheOutputLeavesTheInputOpen() throws Exception {
        for (Endpoint endpoint : server.endpoints()) {
            try (RawClient client = new RawClient(endpoint)) {
                client.send("POST /half" + UPGRADE).readHead();
                assertEquals("all I have to say", new String(client.readToEnd(), StandardCharsets.UTF_8));
                client.send("still here").closeOutput();
                assertEquals("still here", writeToVanished.get(10, TimeUnit.SECONDS).getMessage());
            }
        }
    }

    @Test
    void bytesGluedToTheHeadAreTheFirstOfTheStream() throws IOException {
        Random random = new Random(11);
        for (Endpoint endpoint : server.endpoints()) {
            for (int length : new int[] {0, 1, 2, 100, 2047, 2048, 70_000, 1_000_000}) {
                byte[] glued = new byte[length];
                random.nextBytes(glued);
                ByteArrayOutputStream request = new ByteArrayOutputStream();
                request.writeBytes(("POST /echo" + UPGRADE).getBytes(StandardCharsets.US_ASCII));
                request.writeBytes(glued);
                try (RawClient client = new RawClient(endpoint)) {
                    Thread.ofVirtual().start(() -> {
                        try {
                            client.send(request.toByteArray()).closeOutput();
                        } catch (IOException failure) {
                            writeToVanished.complete(failure);
                        }
                    });
                    client.readHead();
                    byte[] echo = client.readToEnd();
                    assertArrayEquals(glued, Arrays.copyOf(echo, length), length + " bytes");
                    assertEquals(length + 4, echo.length);
                }
            }
        }
        assertFalse(writeToVanished.isDone());
    }

    @Test
    void gluedBytesThatLookLikeHttpAreNotTakenForARequest() throws IOException {
        try (RawClient client = server.connect()) {
            client.send("POST /echo" + UPGRADE + "GET /nope HTTP/1.1\r\n\r\n").closeOutput();
            client.readHead();
            assertEquals("GET /nope HTTP/1.1\r\n\r\n end", new String(client.readToEnd(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void aRefusalBeforeTheSwitchIsAnOrdinaryResponse() throws IOException {
        try (RawClient client = server.connect()) {
            Response refusal = client.send("POST /refused" + UPGRADE).readResponse();
            assertEquals(409, refusal.status());
            assertEquals("{\"message\":\"not now\"}\n", refusal.body());
            assertEquals(404, client.get("/nope").status());
        }
    }

    @Test
    void aClientThatVanishesEndsTheWriter() throws Exception {
        for (Endpoint endpoint : server.endpoints()) {
            RawClient client = new RawClient(endpoint);
            client.send("POST /talk" + UPGRADE).readHead();
            client.close();
            assertEquals(ClientGoneException.class, writeToVanished.get(10, TimeUnit.SECONDS).getClass());
        }
    }

    @Test
    void theLastOutputArrivesAlthoughTheClientIsStillSending() throws Exception {
        for (Endpoint endpoint : server.endpoints()) {
            try (RawClient client = new RawClient(endpoint)) {
                client.send("POST /farewell" + UPGRADE + "x".repeat(20_000)).readHead();
                client.send("y".repeat(20_000));
                assertEquals(300_000, client.readToEnd().length);
            }
        }
    }

    @Test
    void onlyOneResponseCanBeBegun() throws IOException {
        CompletableFuture<Exception> second = new CompletableFuture<>();
        Router router = new Router().add("POST", "/twice", exchange -> {
            try (HijackedStream stream = exchange.hijack("a/b")) {
                second.complete(assertThrows(IllegalStateException.class, () -> exchange.respond(200)));
                stream.output().write('x');
            }
        });
        try (TestServer twice = new TestServer(router); RawClient client = twice.connect()) {
            client.send("POST /twice" + UPGRADE).readHead();
            assertEquals('x', client.read());
            assertEquals("the response was begun already", second.join().getMessage());
        }
    }
}
