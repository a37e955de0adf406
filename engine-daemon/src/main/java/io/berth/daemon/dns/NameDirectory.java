package io.berth.daemon.dns;

import io.berth.daemon.network.address.IpAddress;
import java.util.List;
import java.util.Optional;

/** Who has which name, as one container sees it. Answers at once, from any thread. */
interface NameDirectory {

    /**
     * The addresses of both families that a name has in the container's networks.
     *
     * @param name in lower case
     * @return empty when nobody there has this name; then it may be one of the world outside
     */
    Optional<List<IpAddress>> addresses(String container, String name);

    /** The name of an address in one of the container's networks. */
    Optional<String> nameOf(String container, IpAddress address);

    /** What becomes of the container's other names. */
    Forwarding forwarding(String container);

    /**
     * @param servers      asked one after the other; none when the container has no way out
     * @param singleLabels whether names without a dot are asked for outside too. Where a container has set ndots, they are to be completed
     *                     by its search list and are nothing without
     */
    record Forwarding(List<Upstream> servers, boolean singleLabels) {

        public Forwarding {
            servers = List.copyOf(servers);
        }
    }
}
