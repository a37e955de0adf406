package io.berth.api.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.api.http.RawClient.Response;
import io.berth.api.wire.container.RestartPolicy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ApiServerTest {
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(new Router()
                .add("GET", "/hello", exchange -> exchange.respond(200, Map.of("Hello", exchange.query().text("who"))))
                .add("HEAD", "/hello", exchange -> exchange.respond(200, Map.of("Hello", "")))
                .add("GET", "/things/{name:.*}/json", exchange -> exchange.respond(200, exchange.parameter("name")))
                .add("GET", "/version-asked", exchange -> exchange.respond(200, exchange.version().toString()))
                .add("POST", "/nothing", exchange -> exchange.respond(204))
                .add("POST", "/echo", exchange -> exchange.stream(200, "text/plain").write(exchange.body().readAllBytes()))
                .add("POST", "/json", exchange -> exchange.respond(200, exchange.json(RestartPolicy.class)))
                .add("GET", "/lines", exchange -> {
                    JsonLines lines = exchange.jsonLines();
                    lines.write(Map.of("n", 1));
                    lines.write(Map.of("n", 2));
                })
                .add("GET", "/conflict", exchange -> {
                    throw ApiException.conflict("the name \"x\" is in use");
                })
                .add("GET", "/unmodified", exchange -> {
                    throw ApiException.notModified();
                })
                .add("GET", "/broken", exchange -> {
                    throw new IllegalStateException("secret internals");
                })
                .add("GET", "/broken-late", exchange -> {
                    exchange.stream(200, "text/plain").write("half".getBytes(StandardCharsets.UTF_8));
                    throw new IllegalStateException("secret internals");
                })
                .add("GET", "/mute", exchange -> { }));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        assertEquals(0, Buffers.inUse(), "buffers that nobody released");
    }

    @Test
    void everyResponseCarriesTheHeadersOfTheEngine() throws IOException {
        for (Endpoint endpoint : server.endpoints()) {
            try (RawClient client = new RawClient(endpoint)) {
                Response response = client.get("/hello?who=you+%26+me");
                assertEquals("HTTP/1.1 200 OK", response.statusLine());
                assertEquals("{\"Hello\":\"you & me\"}\n", response.body());
                assertEquals("application/json", response.header("content-type"));
                assertEquals("1.51", response.header("api-version"));
                assertEquals("false", response.header("docker-experimental"));
                assertEquals("linux", response.header("ostype"));
                assertEquals("Docker/28.5.2 (linux)", response.header("server"));
                assertTrue(response.header("date").endsWith(" GMT"), response.header("date"));
            }
        }
    }

    @Test
    void aHeadSplitAtEveryByteIsUnderstood() throws IOException {
        String request = "POST /echo HTTP/1.1\r\nHost: d\r\nContent-Length: 4\r\n\r\nbody";
        try (RawClient client = new RawClient(server.tcp())) {
            for (int at = 1; at < request.length(); at++) {
                client.send(request.substring(0, at));
                Thread.yield();
                client.send(request.substring(at));
                assertEquals("body", client.readResponse().body(), "split at " + at);
            }
            for (byte one : request.getBytes(StandardCharsets.US_ASCII)) {
                client.send(new byte[] {one});
            }
            assertEquals("body", client.readResponse().body());
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws IOException {
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            requests.append("GET /hello?who=").append(i).append(" HTTP/1.1\r\nHost: d\r\n\r\n");
            requests.append("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
        }
        try (RawClient client = server.connect()) {
            client.send(requests.toString());
            for (int i = 0; i < 500; i++) {
                assertEquals("{\"Hello\":\"" + i + "\"}\n", client.readResponse().body());
                assertEquals("abcde", client.readResponse().body());
            }
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredAfterTheClientClosedItsHalf() throws IOException {
        try (RawClient client = server.connect()) {
            client.send("GET /hello?who=1 HTTP/1.1\r\n\r\nGET /hello?who=2 HTTP/1.1\r\n\r\n").closeOutput();
            assertEquals("{\"Hello\":\"1\"}\n", client.readResponse().body());
            assertEquals("{\"Hello\":\"2\"}\n", client.readResponse().body());
            assertEquals(-1, client.read());
        }
    }

    @Test
    void http10IsAnsweredAndTheConnectionClosed() throws IOException {
        try (RawClient client = server.connect()) {
            Response response = client.send("GET /hello HTTP/1.0\r\n\r\n").readResponse();
            assertEquals("close", response.header("connection"));
            assertEquals(-1, client.read());
        }
        try (RawClient client = server.connect()) {
            Response head = client.send("GET /lines HTTP/1.0\r\n\r\n").readHead();
            assertEquals("", head.header("transfer-encoding"));
            assertEquals("{\"n\":1}\n{\"n\":2}\n", new String(client.readToEnd(), StandardCharsets.UTF_8));
        }
        try (RawClient client = server.connect()) {
            String keep = "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
            assertEquals("keep-alive", client.send(keep).readResponse().header("connection"));
            assertEquals(200, client.send(keep).readResponse().status());
        }
    }

    @Test
    void connectionCloseIsHonoured() throws IOException {
        try (RawClient client = server.connect()) {
            client.send("GET /hello HTTP/1.1\r\nConnection: close\r\n\r\n");
            assertEquals("close", client.readResponse().header("connection"));
            assertEquals(-1, client.read());
        }
    }

    @Test
    void headIsAnsweredWithoutBody() throws IOException {
        try (RawClient client = server.connect()) {
            Response head = client.send("HEAD /hello HTTP/1.1\r\n\r\n").readHead();
            assertEquals("13", head.header("content-length"));
            assertEquals(200, client.get("/hello").status());
        }
    }

    @Test
    void anAbsoluteFormAndAnyHostAreAccepted() throws IOException {
        try (RawClient client = server.connect()) {
            client.send("GET http://%2Frun%2Fx.sock/hello?who=x HTTP/1.1\r\nHost: %2Frun%2Fx.sock\r\n\r\n");
            assertEquals("{\"Hello\":\"x\"}\n", client.readResponse().body());
        }
    }

    @Test
    void optionsAreAnsweredEverywhere() throws IOException {
        try (RawClient client = server.connect()) {
            assertEquals(200, client.send("OPTIONS * HTTP/1.1\r\n\r\n").readResponse().status());
            assertEquals(200, client.send("OPTIONS /what/ever HTTP/1.1\r\n\r\n").readResponse().status());
        }
    }

    @Test
    void namesMayContainSlashes() throws IOException {
        try (RawClient client = server.connect()) {
            assertEquals("\"docker.io/library/alpine:3\"\n", client.get("/v1.50/things/docker.io/library/alpine:3/json").body());
            assertEquals("\"a/b\"\n", client.get("/things/a%2Fb/json").body());
        }
    }

    @Test
    void thePathPrefixChoosesTheVersion() throws IOException {
        try (RawClient client = server.connect()) {
            assertEquals("\"1.51\"\n", client.get("/version-asked").body());
            assertEquals("\"1.40\"\n", client.get("/v1.40/version-asked").body());
            Response tooNew = client.get("/v1.99/version-asked");
            assertEquals(400, tooNew.status());
            assertEquals("{\"message\":\"client version 1.99 is too new. Maximum supported API version is 1.51\"}\n", tooNew.body());
            Response tooOld = client.get("/v1.12/version-asked");
            assertEquals(400, tooOld.status());
            assertEquals("text/plain; charset=utf-8", tooOld.header("content-type"));
            assertEquals("client version 1.12 is too old. Minimum supported API version is 1.24, please upgrade your client to a"
                    + " newer version\n", tooOld.body());
            assertEquals(400, client.get("/v1..3/version-asked").status());
        }
    }

    @Test
    void errorsAreJsonWithTheStatusOfTheirKind() throws IOException {
        try (RawClient client = server.connect()) {
            Response conflict = client.get("/conflict");
            assertEquals("HTTP/1.1 409 Conflict", conflict.statusLine());
            assertEquals("application/json", conflict.header("content-type"));
            assertEquals("{\"message\":\"the name \\\"x\\\" is in use\"}\n", conflict.body());
            Response unknown = client.get("/nope");
            assertEquals(404, unknown.status());
            assertEquals("{\"message\":\"page not found\"}\n", unknown.body());
            assertEquals(404, client.post("/hello", "").status());
            assertEquals(400, client.get("/hello?who=%zz").status());
        }
    }

    @Test
    void notModifiedAndNoContentHaveNoBody() throws IOException {
        try (RawClient client = server.connect()) {
            Response unmodified = client.get("/unmodified");
            assertEquals("HTTP/1.1 304 Not Modified", unmodified.statusLine());
            assertFalse(unmodified.headers().containsKey("content-length"));
            Response nothing = client.post("/nothing", "");
            assertEquals("HTTP/1.1 204 No Content", nothing.statusLine());
            assertFalse(nothing.headers().containsKey("content-length"));
            assertFalse(nothing.headers().containsKey("content-type"));
            assertEquals(200, client.get("/hello").status());
        }
    }

    @Test
    void aFailureOfTheEngineTellsTheClientNothingInternal() throws IOException {
        try (RawClient client = server.connect()) {
            Response broken = client.get("/broken");
            assertEquals(500, broken.status());
            assertEquals("{\"message\":\"internal error of the engine, see its log\"}\n", broken.body());
            assertEquals(500, client.get("/mute").status());
            assertEquals(200, client.get("/hello").status());
        }
    }

    @Test
    void aResponseThatFailsInTheMiddleIsCutAndNotCompleted() throws IOException {
        try (RawClient client = server.connect()) {
            assertEquals(200, client.send("GET /broken-late HTTP/1.1\r\n\r\n").readHead().status());
            assertEquals("4\r\nhalf\r\n", new String(client.readToEnd(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void jsonLinesAreChunkedAndEndedByTheServer() throws IOException {
        try (RawClient client = server.connect()) {
            Response head = client.send("GET /lines HTTP/1.1\r\n\r\n").readHead();
            assertEquals("chunked", head.header("transfer-encoding"));
            assertEquals("application/json", head.header("content-type"));
            assertEquals("{\"n\":1}\n", client.readChunk());
            assertEquals("{\"n\":2}\n", client.readChunk());
            assertEquals("", client.readChunk());
            assertEquals(200, client.get("/hello").status());
        }
    }

    @Test
    void theBodyIsAskedForOnlyWhenTheHandlerWantsIt() throws IOException {
        try (RawClient client = server.connect()) {
            client.send("POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
            assertEquals("HTTP/1.1 100 Continue", client.readHead().statusLine());
            assertEquals("abc", client.send("abc").readResponse().body());
            client.send("POST /nothing HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
            Response refused = client.readResponse();
            assertEquals(204, refused.status());
            assertEquals("close", refused.header("connection"));
            assertEquals(-1, client.read());
        }
    }

    @Test
    void anUnreadBodyIsDrainedWhenItIsSmall() throws IOException {
        try (RawClient client = server.connect()) {
            assertEquals(204, client.post("/nothing", "x".repeat(100_000)).status());
            assertEquals(200, client.get("/hello").status());
        }
    }

    @Test
    void anUnreadBodyThatIsLargeEndsTheConnectionAfterTheAnswer() throws Exception {
        RawClient client = server.connect();
        client.send("POST /nothing HTTP/1.1\r\nContent-Length: 10000000\r\n\r\n");
        FutureTask<RawClient> sending = new FutureTask<>(() -> client.send(new byte[10_000_000]));
        Thread.ofVirtual().start(sending);
        assertEquals(204, client.readResponse().status());
        assertEquals(-1, client.read());
        client.close();
        assertThrows(ExecutionException.class, sending::get);
    }

    @Test
    void largeBodiesGoBothWays() throws IOException, InterruptedException {
        byte[] body = new byte[5_000_000];
        new Random(7).nextBytes(body);
        for (Endpoint endpoint : server.endpoints()) {
            try (RawClient client = new RawClient(endpoint)) {
                client.send("POST /echo HTTP/1.1\r\nContent-Length: " + body.length + "\r\nConnection: close\r\n\r\n");
                client.send(body);
                client.readHead();
                ByteArrayOutputStream received = new ByteArrayOutputStream();
                for (int length = chunkLength(client); length > 0; length = chunkLength(client)) {
                    received.write(client.readExactly(length));
                    client.readLine();
                }
                assertArrayEquals(body, received.toByteArray());
            }
        }
    }

    private static int chunkLength(RawClient client) throws IOException {
        return Integer.parseInt(client.readLine(), 16);
    }

    @Test
    void jsonBodiesFollowTheRulesOfTheReference() throws IOException {
        try (RawClient client = server.connect()) {
            assertEquals("{\"Name\":\"always\",\"MaximumRetryCount\":3}\n",
                    client.post("/json", "{\"name\":\"always\",\"MaximumRetryCount\":3,\"Unknown\":[1]}").body());
            assertEquals("{\"Name\":\"\",\"MaximumRetryCount\":0}\n", client.post("/json", "{\"Name\":null}").body());
            assertRefused(client, "", "invalid JSON: got EOF while reading request body");
            assertRefused(client, " \n", "invalid JSON: got EOF while reading request body");
            assertEquals("{\"Name\":\"\",\"MaximumRetryCount\":0}\n", client.post("/json", "null").body());
            assertRefused(client, "{", "invalid JSON: unexpected EOF");
            assertRefused(client, "{}x", "unexpected content after JSON");
            assertRefused(client, "{}{}", "unexpected content after JSON");
            assertRefused(client, "{\"Name\":3}", "invalid JSON: field Name must be a text");
            assertRefused(client, "{\"MaximumRetryCount\":\"3\"}", "invalid JSON: field MaximumRetryCount must be a whole number in range");
            assertRefused(client, "[]", "invalid JSON: field (the whole body) must be an object");
            client.send("POST /json HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}");
            assertEquals("{\"message\":\"unsupported Content-Type header (text/plain): must be 'application/json'\"}\n",
                    client.readResponse().body());
            client.send("POST /json HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}");
            assertEquals("{\"message\":\"malformed Content-Type header (): mime: no media type\"}\n", client.readResponse().body());
            client.send("POST /json HTTP/1.1\r\n\r\n");
            assertEquals("{\"message\":\"invalid JSON: got EOF while reading request body\"}\n", client.readResponse().body());
            client.send("POST /json HTTP/1.1\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}");
            assertEquals(200, client.readResponse().status());
        }
    }

    private static void assertRefused(RawClient client, String body, String message) throws IOException {
        Response response = client.post("/json", body);
        assertEquals(400, response.status(), body);
        assertEquals("{\"message\":\"" + message + "\"}\n", response.body());
    }

    @Test
    void manyConnectionsAreServedAtOnce() throws Exception {
        AtomicInteger answered = new AtomicInteger();
        Thread[] clients = new Thread[50];
        for (int i = 0; i < clients.length; i++) {
            Endpoint endpoint = server.endpoints().get(i % 2);
            clients[i] = Thread.ofVirtual().start(() -> {
                try (RawClient client = new RawClient(endpoint)) {
                    for (int n = 0; n < 100; n++) {
                        if (client.get("/hello?who=" + n).body().equals("{\"Hello\":\"" + n + "\"}\n")) {
                            answered.incrementAndGet();
                        }
                    }
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            });
        }
        for (Thread client : clients) {
            client.join();
        }
        assertEquals(5000, answered.get());
    }
}
