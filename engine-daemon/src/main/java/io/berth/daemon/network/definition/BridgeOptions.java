package io.berth.daemon.network.definition;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.firewall.GatewayMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What can be said about a bridge network, with the reference's names.
 *
 * @param name              of the bridge; empty: one made from the network's id
 * @param icc               whether its containers reach each other
 * @param masquerade        whether the source of what leaves it becomes the host's
 * @param hostBinding       where ports are published that say nothing about it
 * @param withoutAddress    the bridge gets no IPv4 address: the gateway is somebody else
 * @param trustedInterfaces links from which containers' addresses are reached for published ports
 * @param hostIpv4          the source that masqueraded packets get
 * @param mtu               0: the default
 */
public record BridgeOptions(Optional<String> name, boolean icc, boolean masquerade, Optional<IpAddress> hostBinding, GatewayMode modeIpv4,
        GatewayMode modeIpv6, boolean withoutAddress, List<String> trustedInterfaces, Optional<IpAddress> hostIpv4, Optional<IpAddress> hostIpv6,
        int mtu, String linkPrefix) {

    private static final String PREFIX = Options.OURS + "bridge.";
    public static final String NAME = PREFIX + "name";
    public static final String ICC = PREFIX + "enable_icc";
    public static final String MASQUERADE = PREFIX + "enable_ip_masquerade";
    public static final String HOST_BINDING = PREFIX + "host_binding_ipv4";
    public static final String DEFAULT_BRIDGE = PREFIX + "default_bridge";
    public static final String MTU = Options.MTU;
    private static final String MODE_IPV4 = PREFIX + "gateway_mode_ipv4";
    private static final String MODE_IPV6 = PREFIX + "gateway_mode_ipv6";
    private static final String INHIBIT_IPV4 = PREFIX + "inhibit_ipv4";
    private static final String TRUSTED = PREFIX + "trusted_host_interfaces";
    private static final String HOST_IPV4 = Options.OURS + "host_ipv4";
    private static final String HOST_IPV6 = Options.OURS + "host_ipv6";
    static final String ENABLE_IPV4 = Options.OURS + "enable_ipv4";
    static final String ENABLE_IPV6 = Options.OURS + "enable_ipv6";
    private static final List<String> KNOWN = List.of(NAME, ICC, MASQUERADE, HOST_BINDING, DEFAULT_BRIDGE, MODE_IPV4, MODE_IPV6, INHIBIT_IPV4,
            TRUSTED, HOST_IPV4, HOST_IPV6, ENABLE_IPV4, ENABLE_IPV6, MTU, Options.LINK_PREFIX);

    /** @throws NetworkException with the reference's words for what cannot be read */
    public static BridgeOptions of(Map<String, String> texts, boolean internal) {
        Options options = new Options(texts);
        options.requireKnown(KNOWN);
        options.flag(DEFAULT_BRIDGE, false);
        return new BridgeOptions(options.text(NAME).filter(name -> !name.isEmpty()), options.flag(ICC, true), options.flag(MASQUERADE, true),
                options.address(HOST_BINDING, IpFamily.V4).filter(address -> !address.isUnspecified()), mode(options, MODE_IPV4, internal), mode(options, MODE_IPV6, internal),
                options.flag(INHIBIT_IPV4, false), trusted(options), options.address(HOST_IPV4, IpFamily.V4), options.address(HOST_IPV6, IpFamily.V6),
                options.mtu(), options.linkPrefix());
    }

    private static GatewayMode mode(Options options, String name, boolean internal) {
        String text = options.text(name).orElse(GatewayMode.NAT.toString());
        try {
            GatewayMode mode = GatewayMode.parse(text);
            if (mode == GatewayMode.ISOLATED && !internal) {
                throw new NetworkException(NetworkException.Kind.UNAVAILABLE, "gateway mode 'isolated' can only be used for an internal network");
            }
            return mode;
        } catch (IllegalArgumentException unknown) {
            throw Options.unreadable(name, text, "unknown gateway mode " + text);
        }
    }

    private static List<String> trusted(Options options) {
        return options.text(TRUSTED).map(text -> Stream.of(text.split(":")).filter(link -> !link.isEmpty()).toList()).orElse(List.of());
    }

    public GatewayMode mode(IpFamily family) {
        return family == IpFamily.V4 ? modeIpv4 : modeIpv6;
    }

    /** The source that masqueraded packets get, when it is to be a certain one. */
    public Optional<IpAddress> source(IpFamily family) {
        return family == IpFamily.V4 ? hostIpv4 : hostIpv6;
    }
}
