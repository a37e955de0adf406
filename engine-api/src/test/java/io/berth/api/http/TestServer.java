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
