package io.berth.api.wire.network;

import io.berth.api.wire.WireName;
import java.util.Map;

/** What {@code POST /networks/create} asks for; a struct for the reason told at {@link io.berth.api.wire.container.HostConfig}. */
public final class CreateNetworkBody {
    public String name = "";
    /** Empty for a bridge. */
    public String driver = "";
    public String scope = "";
    /** Null when not given: it has IPv4 then. */
    @WireName("EnableIPv4") public Boolean enableIpv4;
    /** Null when not given. */
    @WireName("EnableIPv6") public Boolean enableIpv6;
    @WireName("IPAM") public Ipam ipam = Ipam.unspecified();
    public boolean internal;
    public boolean attachable;
    public boolean ingress;
    public boolean configOnly;
    public ConfigReference configFrom = ConfigReference.none();
    public Map<String, String> options = Map.of();
    public Map<String, String> labels = Map.of();
}
