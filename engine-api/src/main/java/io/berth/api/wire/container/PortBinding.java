package io.berth.api.wire.container;

/** An address of the host that is forwarded to a port of the container; an empty port means any free one. */
public record PortBinding(String hostIp, String hostPort) {
}
