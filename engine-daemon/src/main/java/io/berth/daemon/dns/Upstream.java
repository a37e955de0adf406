package io.berth.daemon.dns;

import io.berth.daemon.network.address.IpAddress;

/**
 * A server that knows the names of the world.
 *
 * @param fromHost whether it is asked from the host's network, where a server of the host's own list is to be found, also on its
 *                 loopback; else from the container's
 */
record Upstream(IpAddress address, boolean fromHost) {
}
