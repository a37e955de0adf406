package io.berth.daemon.network.port;

import io.berth.daemon.network.address.IpAddress;

/** A container's port as it is published on the host. */
public record PublishedPort(TransportProtocol protocol, int containerPort, IpAddress hostAddress, int hostPort) {

    public PublishedPort {
        if (containerPort < 1 || containerPort > 65535 || hostPort < 1 || hostPort > 65535) {
            throw new IllegalArgumentException("a port is a number from 1 to 65535, not " + containerPort + " or " + hostPort);
        }
    }

    /** Whether both could not be published at once. */
    public boolean collidesWith(PublishedPort other) {
        boolean sameAddress = hostAddress.equals(other.hostAddress) || hostAddress.equals(IpAddress.ANY)
                || other.hostAddress.equals(IpAddress.ANY);
        return protocol == other.protocol && hostPort == other.hostPort && sameAddress;
    }
}
