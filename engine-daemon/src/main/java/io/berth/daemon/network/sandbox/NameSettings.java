package io.berth.daemon.network.sandbox;

import java.util.List;

/**
 * What the resolver of user-defined networks needs to know of one container.
 *
 * @param servers to ask for what is no container's name, as addresses; empty: the host's own
 */
public record NameSettings(List<String> servers) {

    public NameSettings {
        servers = List.copyOf(servers);
    }
}
