/**
 * Containers' networks: the predefined {@code bridge}, {@code host} and {@code none}. {@link io.berth.daemon.network.Networks}
 * is the door; everything it makes on the host carries the name of the instance ({@link io.berth.daemon.network.NetworkNames}),
 * so that several daemons on one machine never touch each other's links, tables and addresses.
 *
 * <p>What lives where. A container's end of its link, its address and routes live in its namespace and die with it. The
 * bridge and one nf_tables table live on the host and outlive the daemon, so a published port answers while the daemon is
 * killed, upgraded or gone; {@link io.berth.daemon.network.Networks#reconcile} takes them over.
 */
package io.berth.daemon.network;
