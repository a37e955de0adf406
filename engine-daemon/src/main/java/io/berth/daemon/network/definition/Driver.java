package io.berth.daemon.network.definition;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** How a network is made. */
public enum Driver {
    /** A bridge on the host, with links to the containers and address translation. */
    BRIDGE,
    /** The host's own network. */
    HOST,
    /** Loopback only. */
    NONE,
    /** Links of their own on one of the host's links, with MACs of their own. */
    MACVLAN,
    /** The same with the MAC of the host's link. */
    IPVLAN;

    /** The one that the API calls by this name, as in {@code macvlan}. */
    public static Optional<Driver> named(String name) {
        return Stream.of(values()).filter(driver -> driver.toString().equals(name)).findFirst();
    }

    /** The reference's name: that of the network {@code none} is {@code null}. */
    @Override
    public String toString() {
        return this == NONE ? "null" : name().toLowerCase(Locale.ROOT);
    }
}
