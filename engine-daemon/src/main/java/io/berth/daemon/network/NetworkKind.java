package io.berth.daemon.network;

import java.util.Locale;

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

    /** The reference's name of the driver. */
    public String driver() {
        return this == NONE ? "null" : toString();
    }
}
