package io.berth.daemon.network.port;

import io.berth.daemon.network.address.IpAddress;
import java.util.Optional;

/**
 * The wish to publish a container's port on the host.
 *
 * @param hostAddress   one address, or the unspecified one of a family; empty for all addresses of both families
 * @param firstHostPort with {@code lastHostPort} the range from which the first free one is taken; both 0: any port that
 *                      the kernel's range for such ports has free
 */
public record PortBinding(TransportProtocol protocol, int containerPort, Optional<IpAddress> hostAddress, int firstHostPort,
                          int lastHostPort) {

    public PortBinding {
        if (containerPort < 1 || containerPort > 65535) {
            throw new IllegalArgumentException("invalid port: " + containerPort);
        }
        boolean any = firstHostPort == 0 && lastHostPort == 0;
        if (!any && (firstHostPort < 1 || lastHostPort > 65535 || firstHostPort > lastHostPort)) {
            throw new IllegalArgumentException("invalid hostPort: " + firstHostPort + "-" + lastHostPort);
        }
    }

    /** One host port, or 0 for any, on one address. */
    public static PortBinding of(TransportProtocol protocol, int containerPort, IpAddress hostAddress, int hostPort) {
        return new PortBinding(protocol, containerPort, Optional.of(hostAddress), hostPort, hostPort);
    }

    /** One host port, or 0 for any, on all addresses. */
    public static PortBinding everywhere(TransportProtocol protocol, int containerPort, int hostPort) {
        return new PortBinding(protocol, containerPort, Optional.empty(), hostPort, hostPort);
    }

    public boolean leavesThePortToUs() {
        return firstHostPort == 0;
    }
}
