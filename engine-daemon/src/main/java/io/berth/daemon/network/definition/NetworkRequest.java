package io.berth.daemon.network.definition;

import io.berth.daemon.network.Networks;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A network as a client asks for it; {@code Networks.create} judges it in the reference's words, so
 * addresses are still the client's texts.
 *
 * @param driver {@code bridge} when empty
 * @param ipv4   empty for the default, which is yes
 * @param ipv6   empty for the default, which is no
 */
public record NetworkRequest(String name, String driver, Optional<Boolean> ipv4, Optional<Boolean> ipv6, boolean internal, boolean attachable,
        Ipam ipam, Map<String, String> options, Map<String, String> labels) {

    /** @param driver {@code default} when empty */
    public record Ipam(String driver, List<Range> ranges, Map<String, String> options) {

        public static final Ipam DEFAULT = new Ipam("", List.of(), Map.of());
    }

    /** Texts that may be empty: a subnet from the pools, a gateway of our choice, all of the subnet. */
    public record Range(String subnet, String range, String gateway, Map<String, String> auxiliary) {
    }

    /** A bridge of which everything is left to us. */
    public static NetworkRequest bridge(String name) {
        return new NetworkRequest(name, "", Optional.empty(), Optional.empty(), false, false, Ipam.DEFAULT, Map.of(), Map.of());
    }
}
