package io.berth.api.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A server on a Unix socket in a temporary directory and on a free port of 127.0.0.1. */
public final class TestServer implements AutoCloseable {
    private final Path directory;
    private final ApiServer server;

    public TestServer(Router router) throws IOException {
        this(router, options());
    }

    public TestServer(Router router, ServerOptions options) throws IOException {
        directory = Files.createTempDirectory("api");
        server = ApiServer.start(List.of(new Endpoint.Unix(directory.resolve("s"), -1), new Endpoint.Tcp("127.0.0.1", 0)), options, router, Thread::startVirtualThread);
    }

    public static ServerOptions options() {
        return ServerOptions.of(new ApiVersion(1, 24), new ApiVersion(1, 51), "28.5.2");
    }

    static ServerOptions options(int maxHeadBytes, int maxHeaders, Duration headTimeout) {
        return new ServerOptions(new ApiVersion(1, 24), new ApiVersion(1, 51), Map.of(), maxHeadBytes, maxHeaders, headTimeout);
    }

    public Endpoint unix() {
        return server.addresses().get(0);
    }

    public Endpoint tcp() {
        return server.addresses().get(1);
    }

    /** Both ways in. */
    public List<Endpoint> endpoints() {
        return server.addresses();
    }

    public RawClient connect() throws IOException {
        return new RawClient(unix());
    }

    /** One request on a connection of its own; {@code json} may be empty. Quotes and braces of the path are escaped here. */
    public RawClient.Response call(String method, String path, String json) throws IOException {
        String target = path.replace("\"", "%22").replace("{", "%7B").replace("}", "%7D");
        String type = json.isEmpty() ? "" : "Content-Type: application/json\r\n";
        try (RawClient client = connect()) {
            return client.send(method + " " + target + " HTTP/1.1\r\n" + type + "Content-Length: " + json.length() + "\r\n\r\n" + json)
                    .readResponse();
        }
    }

    ApiServer server() {
        return server;
    }

    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(directory.resolve("s"));
        Files.delete(directory);
    }
}
