package io.berth.api.wire.container;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.berth.api.wire.NullWhenEmpty;
import io.berth.api.wire.OmitEmpty;
import java.util.List;
import java.util.Map;

/**
 * One attachment of a container to a network: what was asked for (down to {@code gwPriority}) and what it got. The texts of the
 * second part are empty while the container does not run, and so are the prefix lengths zero.
 */
public final class EndpointSettings {
    /** Null unless fixed addresses were asked for. */
    @JsonProperty("IPAMConfig") public IpamConfig ipamConfig;
    @NullWhenEmpty public List<String> links = List.of();
    @NullWhenEmpty public List<String> aliases = List.of();
    public String macAddress = "";
    @NullWhenEmpty public Map<String, String> driverOpts = Map.of();
    public int gwPriority;
    @JsonProperty("NetworkID") public String networkId = "";
    @JsonProperty("EndpointID") public String endpointId = "";
    public String gateway = "";
    @JsonProperty("IPAddress") public String ipAddress = "";
    @JsonProperty("IPPrefixLen") public int ipPrefixLen;
    @JsonProperty("IPv6Gateway") public String ipv6Gateway = "";
    @JsonProperty("GlobalIPv6Address") public String globalIpv6Address = "";
    @JsonProperty("GlobalIPv6PrefixLen") public int globalIpv6PrefixLen;
    @JsonProperty("DNSNames") @NullWhenEmpty public List<String> dnsNames = List.of();

    public record IpamConfig(@OmitEmpty @JsonProperty("IPv4Address") String ipv4Address,
                             @OmitEmpty @JsonProperty("IPv6Address") String ipv6Address,
                             @OmitEmpty @JsonProperty("LinkLocalIPs") List<String> linkLocalIps) {
    }
}
