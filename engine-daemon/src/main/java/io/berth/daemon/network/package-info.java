/**
 * Containers' networks. {@link io.berth.daemon.network.Networks} is the door; everything it makes on the host carries the
 * name of the instance ({@link io.berth.daemon.network.definition.NetworkNames}), so that several daemons on one machine
 * never touch each other's links, tables and addresses.
 *
 * <p>What lives where. A container's end of a link, its addresses and routes live in its namespace and die with it. Bridges
 * and one nf_tables table live on the host and outlive the daemon, so a published port answers while the daemon is killed,
 * upgraded or gone; {@link io.berth.daemon.network.Networks#reconcile} takes them over.
 *
 * <p>The packages, from the lowest: {@code address}, then {@code definition} (what a network is) and {@code port}, then
 * {@code sandbox} (what a container has of networks), {@code firewall} and {@code bridge}, then this one.
 */
package io.berth.daemon.network;
