/**
 * Containers' networks. {@link io.berth.daemon.network.Networks} is the door; everything it makes on the host carries the
 * name of the instance ({@link io.berth.daemon.network.definition.NetworkNames}), so that several daemons on one machine
 * never touch each other's links, tables and addresses.
 *
 * <p>What lives where. A container's end of a link, its addresses and routes live in its namespace and die with it. Bridges
 * and one nf_tables table live on the host and outlive the daemon, so a published port answers while the daemon is killed,
 * upgraded or gone; {@link io.berth.daemon.network.Networks#reconcile} takes them over.
 *
 * <p>The packages, from the lowest: {@code address}; {@code firewall} (what may go where); {@code definition} (what a network is) and
 * {@code port} (what is published); {@code sandbox} (what a container has of networks); {@code link} (links into containers'
 * namespaces); {@code bridge} and {@code macvlan}, the kinds of networks that have links; then this one. Names are beside it, in
 * {@code io.berth.daemon.dns}, which this package knows as a {@link io.berth.daemon.network.NameService}.
 */
package io.berth.daemon.network;
