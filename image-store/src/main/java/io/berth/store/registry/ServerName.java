package io.berth.store.registry;

import io.berth.store.content.StoreException;

/** The registry that people mean by what they give to {@code docker login}. */
final class ServerName {

    private static final String HUB = "docker.io";

    private ServerName() {}

    /** @return the domain as names of images have it */
    static String of(String server) {
        String host = server.strip().replaceFirst("(?i)^https?://", "").replaceFirst("/.*", "");
        if (host.isEmpty() || host.equals("index.docker.io") || host.equals("registry-1.docker.io")) {
            return HUB;
        }
        if (!host.matches("(?:[A-Za-z0-9._-]+|\\[[0-9a-fA-F:.]+])(?::[0-9]{1,5})?")) {
            throw StoreException.invalid("unable to parse server address: \"" + server + "\" is no host with perhaps a port");
        }
        return host;
    }
}
