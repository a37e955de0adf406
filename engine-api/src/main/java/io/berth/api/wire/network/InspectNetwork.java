package io.berth.api.wire.network;

import io.berth.api.wire.WireName;
import java.util.Map;

/**
 * A network as list and inspect show it.
 *
 * @param created RFC 3339
 * @param containers those that run in it, by id; a list shows none
 */
public record InspectNetwork(String name, String id, String created, String scope, String driver,
                             @WireName("EnableIPv4") boolean enableIpv4, @WireName("EnableIPv6") boolean enableIpv6,
                             @WireName("IPAM") Ipam ipam, boolean internal, boolean attachable, boolean ingress, ConfigReference configFrom,
                             boolean configOnly, Map<String, Member> containers, Map<String, String> options, Map<String, String> labels) {

    /**
     * A container in it.
     *
     * @param ipv4Address with its prefix length, as in {@code 172.18.0.2/16}; empty when it has none
     */
    public record Member(String name, @WireName("EndpointID") String endpointId, String macAddress, @WireName("IPv4Address") String ipv4Address,
                         @WireName("IPv6Address") String ipv6Address) {
    }
}
