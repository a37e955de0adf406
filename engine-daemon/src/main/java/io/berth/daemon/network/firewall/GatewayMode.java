package io.berth.daemon.network.firewall;

import java.util.Locale;

/** How the containers of a bridge meet what is beyond it, of one family of addresses. */
public enum GatewayMode {
    /** Published ports are redirected; nothing else comes in, not even by routing to a container's address. */
    NAT,
    /** The same, and whoever routes to a container's address reaches all of its ports. */
    NAT_UNPROTECTED,
    /** Nothing is translated: whoever routes to a container's address reaches its published ports, other bridges too. */
    ROUTED,
    /** Of internal networks: the host has no address on the bridge. */
    ISOLATED;

    /** As options of networks have it: {@code nat-unprotected}. */
    public static GatewayMode parse(String text) {
        for (GatewayMode mode : values()) {
            if (mode.toString().equals(text)) {
                return mode;
            }
        }
        throw new IllegalArgumentException("unknown gateway mode " + text);
    }

    boolean translates() {
        return this == NAT || this == NAT_UNPROTECTED;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
