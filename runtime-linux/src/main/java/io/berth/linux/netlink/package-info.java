/**
 * The kernel's network configuration, spoken directly: rtnetlink (links, addresses, routes) and nfnetlink (nf_tables,
 * conntrack). No {@code ip}, {@code iptables} or {@code nft} process is run.
 *
 * <p>{@link io.berth.linux.netlink.Messages} writes bytes, {@link io.berth.linux.netlink.NetlinkSocket} carries them and
 * turns refusals into {@link io.berth.linux.netlink.NetlinkException}s; {@link io.berth.linux.netlink.RouteBatch} and
 * {@link io.berth.linux.netlink.NftBatch} are the vocabulary above.
 *
 * <p><b>Threads.</b> The kernel answers a request within the call that sends it, so nothing here waits for a network. It
 * may wait for the kernel's configuration lock (RTNL), which the clean-up of dead namespaces holds for up to some 30 ms:
 * call it from platform threads, not from a virtual thread whose carrier others need.
 */
package io.berth.linux.netlink;
