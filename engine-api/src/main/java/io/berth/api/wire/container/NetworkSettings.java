package io.berth.api.wire.container;

import io.berth.api.wire.NullWhenEmpty;
import io.berth.api.wire.WireName;
import java.util.List;
import java.util.Map;

/**
 * The network side of an inspected container. The single address fields repeat those of the default bridge network, which older
 * clients read; they are empty when the container is on other networks only.
 */
public final class NetworkSettings {
    public String bridge = "";
    @WireName("SandboxID") public String sandboxId = "";
    public String sandboxKey = "";
    /** Container port such as {@code 80/tcp} to its host addresses; a null value is a port that is exposed and not published. */
    public Map<String, List<PortBinding>> ports = Map.of();
    public boolean hairpinMode;
    @WireName("LinkLocalIPv6Address") public String linkLocalIpv6Address = "";
    @WireName("LinkLocalIPv6PrefixLen") public int linkLocalIpv6PrefixLen;
    @WireName("SecondaryIPAddresses") @NullWhenEmpty public List<String> secondaryIpAddresses = List.of();
    @WireName("SecondaryIPv6Addresses") @NullWhenEmpty public List<String> secondaryIpv6Addresses = List.of();
    @WireName("EndpointID") public String endpointId = "";
    public String gateway = "";
    @WireName("GlobalIPv6Address") public String globalIpv6Address = "";
    @WireName("GlobalIPv6PrefixLen") public int globalIpv6PrefixLen;
    @WireName("IPAddress") public String ipAddress = "";
    @WireName("IPPrefixLen") public int ipPrefixLen;
    @WireName("IPv6Gateway") public String ipv6Gateway = "";
    public String macAddress = "";
    public Map<String, EndpointSettings> networks = Map.of();
}
