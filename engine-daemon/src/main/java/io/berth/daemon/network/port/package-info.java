/** Ports of containers that are published on the host: their places, and the relay for what the kernel does not redirect. */
package io.berth.daemon.network.port;
