package io.berth.daemon.spec;

import io.berth.api.http.ApiException;

/** Whose network namespace a container has: {@code HostConfig.NetworkMode}. */
public sealed interface NetworkMode {

    /** One of its own, connected to the networks that it is attached to. */
    record Own() implements NetworkMode {
    }

    /** The host's. */
    record Host() implements NetworkMode {
    }

    /** Another container's. @param container its id, or what the client named it by as long as there was none */
    record OfContainer(String container) implements NetworkMode {
    }

    /** @throws ApiException when another container is meant and not named */
    static NetworkMode parse(String text) {
        if (text.equals("host")) {
            return new Host();
        }
        if (!text.startsWith(SHARED)) {
            return new Own();
        }
        String container = text.substring(SHARED.length());
        if (container.isEmpty()) {
            throw ApiException.invalid("invalid network mode: invalid container format container:<name|id>");
        }
        return new OfContainer(container);
    }

    /** What stands before the other container's name. */
    String SHARED = "container:";
}
