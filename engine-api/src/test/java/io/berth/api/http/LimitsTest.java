package io.berth.api.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.berth.api.http.RawClient.Response;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the server refuses, and how it begins and ends. */
@Timeout(60)
class LimitsTest {
    private static final Router HELLO = new Router().add("GET", "/hello", exchange -> exchange.respond(200, "hello"));

    @TempDir
    private Path directory;

    @Test
    void heavyHeadsAreRefusedAndTheConnectionClosed() throws IOException {
        try (TestServer server = new TestServer(HELLO, TestServer.options(8192, 20, Duration.ofSeconds(30)))) {
            assertRefused(server, "GET /hello?" + "x".repeat(9000) + " HTTP/1.1\r\n\r\n", 414);
            assertRefused(server, "GET /hello HTTP/1.1\r\nX: " + "x".repeat(9000) + "\r\n\r\n", 431);
            assertRefused(server, "GET /hello HTTP/1.1\r\n" + "X: y\r\n".repeat(21) + "\r\n", 431);
            assertRefused(server, "nonsense\r\n\r\n", 400);
            assertRefused(server, "GET /hello HTTP/9.0\r\n\r\n", 505);
            try (RawClient client = server.connect()) {
                assertEquals(200, client.send("GET /hello HTTP/1.1\r\n" + "X: y\r\n".repeat(20) + "\r\n").readResponse().status());
            }
        }
    }

    private static void assertRefused(TestServer server, String request, int status) throws IOException {
        try (RawClient client = server.connect()) {
            Response response = client.send(request).readResponse();
            assertEquals(status, response.status());
            assertEquals("application/json", response.header("content-type"));
            assertTrue(response.body().startsWith("{\"message\":\""), response.body());
            assertEquals(-1, client.read());
        }
    }

    @Test
    void aHeadThatDoesNotEndIsCutAndAnIdleConnectionIsNot() throws IOException {
        try (TestServer server = new TestServer(HELLO, TestServer.options(8192, 20, Duration.ofMillis(200)));
             RawClient idle = server.connect(); RawClient used = server.connect(); RawClient half = server.connect()) {
            assertEquals(200, used.get("/hello").status());
            half.send("GET /hello HT");
            assertEquals(-1, half.read());
            assertEquals(200, idle.get("/hello").status());
            assertEquals(200, used.get("/hello").status());
            used.send("GET /hello HTTP/1.1\r\nX:");
            assertEquals(-1, used.read());
        }
    }

    @Test
    void aSocketIsOpenToItsGroupOnly() throws IOException {
        Path path = directory.resolve("sub/api.sock");
        try (ApiServer server = ApiServer.start(List.of(new Endpoint.Unix(path, 5)), TestServer.options(), HELLO, Thread::startVirtualThread)) {
            assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
            assertEquals(5, Files.getAttribute(path, "unix:gid"));
            assertEquals(1, server.addresses().size());
        }
        assertTrue(Files.notExists(path));
    }

    @Test
    void aSocketLeftBehindIsReplacedAndALiveOneIsNot() throws IOException {
        Path path = directory.resolve("api.sock");
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(path));
        }
        List<Endpoint> endpoints = List.of(new Endpoint.Unix(path, -1));
        try (ApiServer server = ApiServer.start(endpoints, TestServer.options(), HELLO, Thread::startVirtualThread)) {
            assertEquals(endpoints, server.addresses());
            String message = assertThrows(IOException.class, () -> ApiServer.start(endpoints, TestServer.options(), HELLO, Thread::startVirtualThread)).getMessage();
            assertEquals("listen on unix://" + path + ": another server answers there; stop it, or choose another socket with --host",
                    message);
            try (RawClient client = new RawClient(endpoints.getFirst())) {
                assertEquals(200, client.get("/hello").status());
            }
        }
    }

    @Test
    void whatCannotBeListenedOnIsNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "precious");
        assertListenFails(new Endpoint.Unix(file, -1), "there is a file that is not a socket; move it away");
        assertEquals("precious", Files.readString(file));
        assertListenFails(new Endpoint.Unix(directory.resolve("x".repeat(120)), -1), "the path is longer than 107 bytes");
        try (TestServer server = new TestServer(HELLO)) {
            assertListenFails(server.tcp(), "listen on " + server.tcp());
        }
    }

    private static void assertListenFails(Endpoint endpoint, String message) {
        String actual = assertThrows(IOException.class,
                () -> ApiServer.start(List.of(endpoint), TestServer.options(), HELLO, Thread::startVirtualThread)).getMessage();
        assertTrue(actual.contains(message), actual);
    }

    @Test
    void aRunningExchangeMayFinishWhenTheServerCloses() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Router router = new Router().add("POST", "/slow", exchange -> {
            begun.countDown();
            goOn.await();
            exchange.respond(200, "done");
        });
        try (TestServer server = new TestServer(router); RawClient client = server.connect(); RawClient idle = server.connect()) {
            client.send("POST /slow HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
            begun.await();
            FutureTask<Void> closing = new FutureTask<>(() -> server.server().close(Duration.ofSeconds(20)), null);
            Thread.ofPlatform().start(closing);
            assertEquals(-1, idle.read());
            assertThrows(IOException.class, () -> new RawClient(server.unix()).get("/slow"));
            goOn.countDown();
            assertEquals("\"done\"\n", client.readResponse().body());
            assertEquals(-1, client.read());
            closing.get(10, TimeUnit.SECONDS);
        }
    }
}
