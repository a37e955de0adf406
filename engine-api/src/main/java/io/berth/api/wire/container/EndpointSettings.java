package io.berth.api.wire.container;

import io.berth.api.wire.NullWhenEmpty;
import io.berth.api.wire.OmitEmpty;
import io.berth.api.wire.WireName;
import java.util.List;
import java.util.Map;

/**
 * One attachment of a container to a network: what was asked for (down to {@code gwPriority}) and what it got. The texts of the
 * second part are empty while the container does not run, and so are the prefix lengths zero.
 */
public final class EndpointSettings {
    /** Null unless fixed addresses were asked for. */
    @WireName("IPAMConfig") public IpamConfig ipamConfig;
    @NullWhenEmpty public List<String> links = List.of();
    @NullWhenEmpty public List<String> aliases = List.of();
    public String macAddress = "";
    @NullWhenEmpty public Map<String, String> driverOpts = Map.of();
    public int gwPriority;
    @WireName("NetworkID") public String networkId = "";
    @WireName("EndpointID") public String endpointId = "";
    public String gateway = "";
    @WireName("IPAddress") public String ipAddress = "";
    @WireName("IPPrefixLen") public int ipPrefixLen;
    @WireName("IPv6Gateway") public String ipv6Gateway = "";
    @WireName("GlobalIPv6Address") public String globalIpv6Address = "";
    @WireName("GlobalIPv6PrefixLen") public int globalIpv6PrefixLen;
    @WireName("DNSNames") @NullWhenEmpty public List<String> dnsNames = List.of();

    public record IpamConfig(@OmitEmpty @WireName("IPv4Address") String ipv4Address,
                             @OmitEmpty @WireName("IPv6Address") String ipv6Address,
                             @OmitEmpty @WireName("LinkLocalIPs") List<String> linkLocalIps) {
    }
}
