package io.berth.store.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.berth.store.content.StoreException;
import io.berth.store.registry.Proxies;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Texts as the reference engine 28.5 gives them, which shows passwords where we do not. */
class RemoteArchiveTest {

    private final HttpServer server = start();
    private final String host = "127.0.0.1:" + server.getAddress().getPort();
    private final List<String> authorizations = new CopyOnWriteArrayList<>();

    private HttpServer start() {
        try {
            HttpServer started = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            started.createContext("/", this::answer);
            started.start();
            return started;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        authorizations.add(exchange.getRequestHeaders().getFirst("Authorization") + "");
        String path = exchange.getRequestURI().getPath();
        byte[] body = "content".getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            switch (path) {
                case "/file" -> {
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                }
                case "/short" -> {
                    exchange.sendResponseHeaders(200, 1000);
                    exchange.getResponseBody().write(body);
                    exchange.getResponseBody().flush();
                }
                case "/missing" -> {
                    exchange.sendResponseHeaders(404, body.length);
                    exchange.getResponseBody().write(body);
                }
                default -> {
                    String location = switch (path) {
                        case "/moved" -> "/file";
                        case "/elsewhere" -> "http://localhost:" + server.getAddress().getPort() + "/file";
                        case "/ftp" -> "ftp://" + host + "/file";
                        default -> path;
                    };
                    exchange.getResponseHeaders().set("Location", location);
                    exchange.sendResponseHeaders(302, -1);
                }
            }
        }
    }

    private static RemoteArchive open(String address) {
        return RemoteArchive.open(address, Proxies.NONE);
    }

    private static String content(String address) throws IOException {
        try (RemoteArchive remote = open(address); InputStream body = remote.body()) {
            return remote.uri() + " " + remote.size() + " " + new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String refusal(String address) {
        return assertThrows(StoreException.class, () -> open(address)).getMessage();
    }

    @Test
    void fileComesAlsoFromWhereItHasMoved() throws IOException {
        assertEquals("http://" + host + "/file 7 content", content("http://" + host + "/file"));
        assertEquals("http://" + host + "/file 7 content", content(host + "/file"));
        assertEquals("http://" + host + "/moved 7 content", content("http://" + host + "/moved"));
    }

    @Test
    void passwordIsForItsHostAloneAndIsNotShown() throws IOException {
        assertEquals("http://" + host + "/elsewhere 7 content", content("http://me:secret@" + host + "/elsewhere"));
        assertEquals(List.of("Basic bWU6c2VjcmV0", "null"), authorizations);
        assertEquals("failed to GET http://" + host + "/missing with status 404 Not Found: content", refusal("http://me:secret@" + host + "/missing"));
    }

    @Test
    void refusalsSayWhatWasAskedForAndWhyItDidNotCome() {
        assertEquals("Get \"http://" + host + "/loop\": stopped after 10 redirects", refusal("http://" + host + "/loop"));
        assertEquals("Get \"ftp://" + host + "/file\": unsupported protocol scheme \"ftp\"", refusal("http://" + host + "/ftp"));
        assertEquals("Get \"ftp://x/y\": unsupported protocol scheme \"ftp\"", refusal("ftp://x/y"));
        assertEquals("import http://: this is no address of a file on a web server; give http://HOST/PATH, or - for the body", refusal("http://"));
    }

    @Test
    void nobodyListeningIsToldWithTheAddress() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        UncheckedIOException failure = assertThrows(UncheckedIOException.class, () -> open("http://127.0.0.1:" + free + "/x"));
        assertEquals("Get \"http://127.0.0.1:" + free + "/x\": dial tcp 127.0.0.1:" + free + ": connect: connection refused",
                failure.getMessage() + ": " + failure.getCause().getMessage());
    }

    @Test
    void fileThatBreaksOffIsAFailureNotAShorterFile() {
        assertThrows(IOException.class, () -> content("http://" + host + "/short"));
    }
}
