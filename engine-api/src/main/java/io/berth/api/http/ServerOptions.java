package io.berth.api.http;

import java.time.Duration;
import java.util.Map;

/**
 * What a server says of itself on every response, and its limits.
 *
 * @param minimum the oldest version served
 * @param maximum the newest version served, meant by requests without a version
 * @param headers on every response, beside {@code Date} and {@code Api-Version}
 * @param maxHeadBytes of the request line and the headers together; more is answered 431
 * @param maxHeaders more is answered 431
 * @param headTimeout from the first byte of a request to the end of its head; a slower client is cut. A connection may idle between
 *                    requests as long as it likes.
 */
public record ServerOptions(ApiVersion minimum, ApiVersion maximum, Map<String, String> headers, int maxHeadBytes, int maxHeaders,
                            Duration headTimeout) {
    public ServerOptions {
        headers = Map.copyOf(headers);
    }

    /** The versions and headers of the reference, with the usual limits. */
    public static ServerOptions of(ApiVersion minimum, ApiVersion maximum, String serverVersion) {
        return new ServerOptions(minimum, maximum, Map.of("Docker-Experimental", "false", "Ostype", "linux",
                "Server", "Docker/" + serverVersion + " (linux)"), 256 << 10, 200, Duration.ofSeconds(30));
    }
}
