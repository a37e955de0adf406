package io.berth.api.http;

import java.nio.file.Path;

/** Where the server listens. */
public sealed interface Endpoint {
    /**
     * A Unix socket, made with mode 0660. A file left behind by a server that died is replaced; one on which somebody answers is not.
     *
     * @param group the group that owns the socket file, or -1 to leave it
     */
    record Unix(Path path, int group) implements Endpoint {
        @Override
        public String toString() {
            return "unix://" + path;
        }
    }

    /** @param port 0 for any free one; {@link ApiServer#addresses()} tells which */
    record Tcp(String host, int port) implements Endpoint {
        @Override
        public String toString() {
            return "tcp://" + host + ":" + port;
        }
    }
}
