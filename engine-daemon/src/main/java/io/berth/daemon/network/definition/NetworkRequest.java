package io.berth.daemon.network.definition;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A network as a client asks for it; {@code Networks.create} judges it in the reference's words, so addresses are still the
 * client's texts.
 *
 * @param driver {@code bridge} when empty
 * @param ipv4   empty for the default, which is yes
 * @param ipv6   empty for the default, which is no
 * @param template see {@link NetworkDefinition}
 * @param madeAfter the template's name; empty: none
 */
public record NetworkRequest(String name, String driver, Optional<Boolean> ipv4, Optional<Boolean> ipv6, boolean internal, boolean attachable,
        boolean template, String madeAfter, Ipam ipam, Map<String, String> options, Map<String, String> labels) {

    /** @param driver {@code default} when empty */
    public record Ipam(String driver, List<Range> ranges, Optional<Map<String, String>> options) {

        public static final Ipam DEFAULT = new Ipam("", List.of(), Optional.empty());
    }

    /** Texts that may be empty but for the first: a gateway of our choice, all of the subnet. */
    public record Range(String subnet, String range, String gateway, Map<String, String> auxiliary) {

        public static Range of(String subnet) {
            return new Range(subnet, "", "", Map.of());
        }
    }

    /** A bridge of which everything is left to us. */
    public static NetworkRequest bridge(String name) {
        return new NetworkRequest(name, "", Optional.empty(), Optional.empty(), false, false, false, "", Ipam.DEFAULT, Map.of(), Map.of());
    }

    public NetworkRequest with(Range... ranges) {
        return new NetworkRequest(name, driver, ipv4, ipv6, internal, attachable, template, madeAfter,
                new Ipam(ipam.driver(), List.of(ranges), ipam.options()), options, labels);
    }

    public NetworkRequest withOptions(Map<String, String> chosen) {
        return new NetworkRequest(name, driver, ipv4, ipv6, internal, attachable, template, madeAfter, ipam, chosen, labels);
    }

    public NetworkRequest withDriver(String chosen) {
        return new NetworkRequest(name, chosen, ipv4, ipv6, internal, attachable, template, madeAfter, ipam, options, labels);
    }

    public NetworkRequest withFamilies(boolean wantsIpv4, boolean wantsIpv6) {
        return new NetworkRequest(name, driver, Optional.of(wantsIpv4), Optional.of(wantsIpv6), internal, attachable, template, madeAfter, ipam,
                options, labels);
    }

    public NetworkRequest asInternal() {
        return new NetworkRequest(name, driver, ipv4, ipv6, true, attachable, template, madeAfter, ipam, options, labels);
    }
}
