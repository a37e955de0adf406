package io.berth.daemon.network;

/** A container's port as it is published on the host. */
public record PublishedPort(TransportProtocol protocol, int containerPort, Ipv4Address hostAddress, int hostPort) {

    public PublishedPort {
        if (containerPort < 1 || containerPort > 65535 || hostPort < 1 || hostPort > 65535) {
            throw new IllegalArgumentException("a port is a number from 1 to 65535, not " + containerPort + " or " + hostPort);
        }
    }

    /** Whether both could not be published at once. */
    boolean collidesWith(PublishedPort other) {
        boolean sameAddress = hostAddress.equals(other.hostAddress) || hostAddress.equals(Ipv4Address.ANY)
                || other.hostAddress.equals(Ipv4Address.ANY);
        return protocol == other.protocol && hostPort == other.hostPort && sameAddress;
    }
}
