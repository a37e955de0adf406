/** Ports of containers that are published on the host. */
package io.berth.daemon.network.port;
