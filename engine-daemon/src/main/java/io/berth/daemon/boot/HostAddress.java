package io.berth.daemon.boot;

import java.nio.file.Path;

/** A place where the API is served. */
public sealed interface HostAddress {

    /** A Unix socket; the path is absolute. */
    record Unix(Path path) implements HostAddress {
        @Override
        public String toString() {
            return "unix://" + path;
        }
    }

    /** A TCP port of one of the host's addresses, in the clear. */
    record Tcp(String address, int port) implements HostAddress {
        @Override
        public String toString() {
            return "tcp://" + (address.contains(":") ? '[' + address + ']' : address) + ':' + port;
        }
    }

    /** Reads {@code unix://PATH} or {@code tcp://ADDRESS:PORT}; an IPv6 address stands in brackets. */
    static HostAddress parse(String text) {
        if (text.startsWith("unix://")) {
            return new Unix(Values.absolutePath(text.substring("unix://".length())));
        }
        if (text.startsWith("tcp://")) {
            return tcp(text.substring("tcp://".length()));
        }
        throw new IllegalArgumentException("a host starts with unix:// or tcp://");
    }

    private static Tcp tcp(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("a tcp host is tcp://ADDRESS:PORT");
        }
        String address = text.substring(0, colon);
        if (address.startsWith("[") && address.endsWith("]")) {
            address = address.substring(1, address.length() - 1);
        } else if (address.contains(":")) {
            throw new IllegalArgumentException("an IPv6 address stands in brackets");
        }
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (port >= 1 && port <= 65535) {
                return new Tcp(address, port);
            }
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException("the port is not a number", notANumber);
        }
        throw new IllegalArgumentException("a port is a number from 1 to 65535");
    }
}
