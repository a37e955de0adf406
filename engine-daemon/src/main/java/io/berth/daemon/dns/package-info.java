/**
 * Names in user-defined networks: the resolver that containers reach at 127.0.0.11, port 53.
 *
 * <p>Each container has two sockets in its network namespace ({@link io.berth.daemon.dns.NamespaceSockets}), to which
 * {@link io.berth.daemon.dns.PortRedirect} leads what is sent to port 53. {@link io.berth.daemon.dns.DnsServer} listens at all of them
 * on one thread, {@link io.berth.daemon.dns.Resolver} decides, {@link io.berth.daemon.dns.Forward} asks outside.
 * The keeper has copies of the sockets, so that what is asked while no daemon runs waits for the next one.
 */
package io.berth.daemon.dns;
