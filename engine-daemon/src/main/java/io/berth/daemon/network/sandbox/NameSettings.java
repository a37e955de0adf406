package io.berth.daemon.network.sandbox;

import java.util.List;

/**
 * What the resolver of user-defined networks needs to know of one container.
 *
 * @param servers        to ask for what is no container's name, as addresses; empty: the host's own
 * @param completesNames whether the container has set the option {@code ndots} above 0: a name without a dot is nothing to it before its
 *                       search list has completed it
 */
public record NameSettings(List<String> servers, boolean completesNames) {

    public NameSettings {
        servers = List.copyOf(servers);
    }

    public NameSettings(List<String> servers) {
        this(servers, false);
    }
}
