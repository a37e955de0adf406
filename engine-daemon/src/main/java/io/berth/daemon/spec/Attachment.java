package io.berth.daemon.spec;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.MacAddress;
import io.berth.daemon.network.definition.NetworkId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A network that a container is to be connected to, and what it wants to have there.
 *
 * @param network its name; or what the client named it by, as long as there was no such network
 * @param id of the network that the container has been connected to; it is that one which it comes back to, not another of the same name
 * @param aliases further names, besides the container's own
 * @param links names that it alone has for others of the network: by alias, what they are called there
 * @param driverOptions as {@code com.docker.network.endpoint.ifname}
 * @param gatewayPriority the network with the highest one has the default route
 */
public record Attachment(String network, Optional<NetworkId> id, Optional<MacAddress> mac, Optional<IpAddress> ipv4, Optional<IpAddress> ipv6,
        List<IpAddress> linkLocal, List<String> aliases, Map<String, String> links, Map<String, String> driverOptions, int gatewayPriority) {

    public Attachment {
        linkLocal = List.copyOf(linkLocal);
        aliases = List.copyOf(aliases);
        links = Map.copyOf(links);
        driverOptions = Map.copyOf(driverOptions);
    }

    /** What a client or the engine calls it: the id where it is known. */
    public String reference() {
        return id.map(NetworkId::hex).orElse(network);
    }
}
