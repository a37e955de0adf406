package io.berth.daemon.dns;

import io.berth.daemon.network.address.IpAddress;
import io.berth.linux.netlink.NetlinkSocket;
import io.berth.linux.netlink.NftBatch;
import io.berth.linux.netlink.NftBatch.Hook;
import io.berth.linux.netlink.NftRule;

/**
 * The nf_tables table in a container's namespace that makes the resolver's port look like 53, which stays the container's to use on any
 * other address. Where the reference translates connections (NAT), these rules write the ports into the packets, so that the kernel need not
 * track every connection of the container on account of its resolver. They stand before and behind everything that may track or translate
 * in a namespace whose container does such things itself, which sees the real port on both ways.
 */
final class PortRedirect {

    private static final String TABLE = "berth-dns";
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int WHOLE_ADDRESS = 32;

    private PortRedirect() {
    }

    /** @param netfilter of the container's namespace */
    static void make(NetlinkSocket netfilter, IpAddress resolver, int port) {
        byte[] address = resolver.bytes();
        NftBatch batch = new NftBatch(TABLE).createTable().createChain("asked", Hook.OUTPUT_RAW)
                .createChain("answered", Hook.POSTROUTING_LAST)
                // a container that has left its last network and joins another still has the table that leads to the port of before
                .flush("asked").flush("answered");
        for (int protocol : new int[] {UDP, TCP}) {
            batch.append("asked", new NftRule().destination(address, WHOLE_ADDRESS).protocol(protocol).destinationPort(Dns.PORT)
                    .setDestinationPort(protocol, port));
            batch.append("answered", new NftRule().source(address, WHOLE_ADDRESS).protocol(protocol).sourcePort(port)
                    .setSourcePort(protocol, Dns.PORT));
        }
        batch.send(netfilter);
    }
}
