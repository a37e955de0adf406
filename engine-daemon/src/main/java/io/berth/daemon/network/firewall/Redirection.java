package io.berth.daemon.network.firewall;

import io.berth.daemon.network.address.IpAddress;

/**
 * A published port as the kernel carries it out.
 *
 * @param protocol    its number in an IP header
 * @param hostAddress of the family of {@code container}; the unspecified one for all addresses of the host
 * @param hostPort    0 when nothing is redirected and the container's own address is reached ({@link GatewayMode#ROUTED})
 */
public record Redirection(int protocol, IpAddress hostAddress, int hostPort, IpAddress container, int containerPort) {

    public Redirection {
        if (hostAddress.family() != container.family()) {
            throw new IllegalArgumentException("the kernel does not translate " + hostAddress + " to " + container);
        }
    }
}
