package io.berth.daemon.network.definition;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The predefined networks. */
public enum NetworkKind {
    /** A link to the host's bridge, with an address behind the host's. */
    BRIDGE,
    /** The host's own network. */
    HOST,
    /** Loopback only. */
    NONE;

    /** The name of the network, as in {@code --network none}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The one with this name. */
    public static Optional<NetworkKind> named(String name) {
        return Stream.of(values()).filter(kind -> kind.toString().equals(name)).findFirst();
    }

    public Driver driver() {
        return Driver.valueOf(name());
    }
}
