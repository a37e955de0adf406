package io.berth.daemon.network.port;

import io.berth.daemon.network.address.IpAddress;

/**
 * A container's port as it is published on the host.
 *
 * @param hostPort 0 when it has no part in it: a network that is routed opens the container's port at its own address
 */
public record PublishedPort(TransportProtocol protocol, int containerPort, IpAddress hostAddress, int hostPort) {

    public PublishedPort {
        if (containerPort < 1 || containerPort > 65535 || hostPort < 0 || hostPort > 65535) {
            throw new IllegalArgumentException("a port is a number from 1 to 65535, not " + containerPort + " or " + hostPort);
        }
    }

    /** Whether it is the host's port that leads to the container. */
    boolean isOnTheHost() {
        return hostPort != 0;
    }

    /** Whether both could not be published at once. */
    public boolean collidesWith(PublishedPort other) {
        boolean sameAddress = hostAddress.family() == other.hostAddress.family() && (hostAddress.equals(other.hostAddress)
                || hostAddress.isUnspecified() || other.hostAddress.isUnspecified());
        return isOnTheHost() && protocol == other.protocol && hostPort == other.hostPort && sameAddress;
    }
}
