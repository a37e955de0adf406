package io.berth.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * An nf_tables rule of an {@code inet} table, written as nft(8) would print it: conditions from left to right, a statement
 * at the end. A condition that does not hold ends the rule. Values in registers are in network order, except marks,
 * states and types, which the kernel keeps in its own.
 */
public final class NftRule {

    // linux/netfilter/nf_tables.h
    private static final int NFTA_EXPR_NAME = 1;
    private static final int NFTA_EXPR_DATA = 2;
    private static final int NFTA_DATA_VALUE = 1;
    private static final int NFTA_DATA_VERDICT = 2;
    private static final int NFT_REG_VERDICT = 0;
    private static final int NFT_REG_1 = 1;
    /** The first of the four-byte registers; a concatenation lies in consecutive ones. */
    private static final int NFT_REG32_00 = 8;
    private static final int NFT_META_IIFNAME = 6;
    private static final int NFT_META_OIFNAME = 7;
    private static final int NFT_META_NFPROTO = 15;
    private static final int NFT_META_L4PROTO = 16;
    private static final int NFT_CT_STATE = 0;
    private static final int NFT_CT_STATUS = 2;
    private static final int NFT_PAYLOAD_NETWORK = 1;
    private static final int NFT_PAYLOAD_TRANSPORT = 2;
    private static final int NFT_CMP_EQ = 0;
    private static final int NFT_CMP_NEQ = 1;
    private static final int NFT_CMP_LTE = 3;
    private static final int NFT_CMP_GTE = 5;
    private static final int NFT_FIB_RESULT_ADDRTYPE = 3;
    private static final int NFTA_FIB_F_DADDR = 2;
    private static final int NFT_NAT_SNAT = 0;
    private static final int NFT_NAT_DNAT = 1;
    private static final int NFT_LOOKUP_F_INV = 1;
    private static final int NF_DROP = 0;
    private static final int NF_ACCEPT = 1;
    private static final int NFT_JUMP = -3;
    private static final int NFT_RETURN = -5;
    private static final int TRANSPORT_SOURCE_PORT_AT = 0;
    private static final int TRANSPORT_DESTINATION_PORT_AT = 2;
    // struct tcphdr and struct udphdr
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_CHECKSUM_AT = 16;
    private static final int UDP_CHECKSUM_AT = 6;
    private static final int NFT_PAYLOAD_CSUM_INET = 1;
    // netinet/in.h, linux/icmpv6.h: from router solicitation to redirect
    private static final int IPPROTO_ICMP = 1;
    private static final int IPPROTO_ICMPV6 = 58;
    private static final int FIRST_NEIGHBOUR_DISCOVERY = 133;
    private static final int LAST_NEIGHBOUR_DISCOVERY = 137;
    // linux/rtnetlink.h, linux/netfilter/nf_conntrack_common.h
    private static final int RTN_LOCAL = 2;
    private static final int ESTABLISHED_OR_RELATED = 2 | 4;
    private static final int IPS_DST_NAT = 1 << 5;

    /** The two protocols a rule can be about, with where addresses lie in their headers (struct iphdr, struct ipv6hdr). */
    public enum Family {
        IPV4(2, 4, 12, 16), IPV6(10, 16, 8, 24);

        private final int number;
        private final int length;
        private final int sourceAt;
        private final int destinationAt;

        Family(int number, int length, int sourceAt, int destinationAt) {
            this.number = number;
            this.length = length;
            this.sourceAt = sourceAt;
            this.destinationAt = destinationAt;
        }

        /** That of an address of four or of sixteen bytes. */
        public static Family of(byte[] address) {
            return address.length == IPV4.length ? IPV4 : IPV6;
        }

        /** Four-byte registers that an address takes. */
        private int registers() {
            return length / 4;
        }
    }

    private record Expression(String name, Consumer<Messages> data) {
    }

    private final List<Expression> expressions = new ArrayList<>();

    /** {@code iifname "name"} */
    public NftRule from(String link) {
        return meta(NFT_META_IIFNAME, NFT_REG_1).compare(NFT_CMP_EQ, NftBatch.linkName(link));
    }

    /** {@code oifname "name"} */
    public NftRule to(String link) {
        return meta(NFT_META_OIFNAME, NFT_REG_1).compare(NFT_CMP_EQ, NftBatch.linkName(link));
    }

    /** {@code oifname != "name"} */
    public NftRule notTo(String link) {
        return meta(NFT_META_OIFNAME, NFT_REG_1).compare(NFT_CMP_NEQ, NftBatch.linkName(link));
    }

    /** {@code iifname @set} */
    public NftRule fromAnyOf(String set) {
        return meta(NFT_META_IIFNAME, NFT_REG_1).isIn(set, 0, NFT_REG_1);
    }

    /** {@code iifname != @set} */
    public NftRule fromNoneOf(String set) {
        return meta(NFT_META_IIFNAME, NFT_REG_1).isIn(set, NFT_LOOKUP_F_INV, NFT_REG_1);
    }

    /** {@code oifname @set} */
    public NftRule toAnyOf(String set) {
        return meta(NFT_META_OIFNAME, NFT_REG_1).isIn(set, 0, NFT_REG_1);
    }

    /** {@code meta nfproto ipv4} or {@code ipv6} */
    public NftRule family(Family family) {
        return meta(NFT_META_NFPROTO, NFT_REG_1).compare(NFT_CMP_EQ, new byte[] {(byte) family.number});
    }

    /** {@code ip saddr network/prefix} or {@code ip6} */
    public NftRule source(byte[] network, int prefixLength) {
        Family family = Family.of(network);
        return family(family).address(family.sourceAt, network, prefixLength);
    }

    /** {@code ip daddr network/prefix} or {@code ip6} */
    public NftRule destination(byte[] network, int prefixLength) {
        Family family = Family.of(network);
        return family(family).address(family.destinationAt, network, prefixLength);
    }

    /** {@code meta l4proto icmp} of IPv4, {@code icmpv6} of IPv6 */
    public NftRule icmp(Family family) {
        byte protocol = (byte) (family == Family.IPV4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
        return meta(NFT_META_L4PROTO, NFT_REG_1).compare(NFT_CMP_EQ, new byte[] {protocol});
    }

    /** {@code icmpv6 type 133-137}: what finds neighbours and routers on a link, as ARP does for IPv4. */
    public NftRule neighbourDiscovery() {
        return icmp(Family.IPV6).load(NFT_PAYLOAD_TRANSPORT, 0, 1, NFT_REG_1)
                .compare(NFT_CMP_GTE, new byte[] {(byte) FIRST_NEIGHBOUR_DISCOVERY})
                .compare(NFT_CMP_LTE, new byte[] {(byte) LAST_NEIGHBOUR_DISCOVERY});
    }

    /** {@code ip daddr . meta l4proto . th dport @set} */
    public NftRule destinationIsIn(Family family, String set) {
        return family(family).loadDestination(family).isIn(set, 0, NFT_REG32_00);
    }

    /** {@code meta l4proto number} */
    public NftRule protocol(int number) {
        return meta(NFT_META_L4PROTO, NFT_REG_1).compare(NFT_CMP_EQ, new byte[] {(byte) number});
    }

    /** {@code th sport port} */
    public NftRule sourcePort(int port) {
        return load(NFT_PAYLOAD_TRANSPORT, TRANSPORT_SOURCE_PORT_AT, 2, NFT_REG_1).compare(NFT_CMP_EQ, Messages.big16(port));
    }

    /** {@code th dport port} */
    public NftRule destinationPort(int port) {
        return load(NFT_PAYLOAD_TRANSPORT, TRANSPORT_DESTINATION_PORT_AT, 2, NFT_REG_1).compare(NFT_CMP_EQ, Messages.big16(port));
    }

    /** {@code fib daddr type local}: the destination is an address of this machine. */
    public NftRule destinationIsLocal() {
        return add("fib", data -> data.attributeBig32(1, NFT_REG_1).attributeBig32(2, NFT_FIB_RESULT_ADDRTYPE)
                .attributeBig32(3, NFTA_FIB_F_DADDR)).compare(NFT_CMP_EQ, own32(RTN_LOCAL));
    }

    /** {@code ct state established,related} */
    public NftRule establishedOrRelated() {
        return conntrackBits(NFT_CT_STATE, ESTABLISHED_OR_RELATED);
    }

    /** {@code ct status dnat}: the connection's destination was rewritten. */
    public NftRule destinationWasRewritten() {
        return conntrackBits(NFT_CT_STATUS, IPS_DST_NAT);
    }

    public NftRule accept() {
        return verdict(NF_ACCEPT, "");
    }

    public NftRule drop() {
        return verdict(NF_DROP, "");
    }

    public NftRule returnToCaller() {
        return verdict(NFT_RETURN, "");
    }

    public NftRule jump(String chain) {
        return verdict(NFT_JUMP, chain);
    }

    public NftRule masquerade() {
        return add("masq", data -> { });
    }

    /** {@code snat to address} */
    public NftRule rewriteSource(byte[] address) {
        add("immediate", data -> data.attributeBig32(1, NFT_REG_1).nest(2, value -> value.attribute(NFTA_DATA_VALUE, address)));
        return add("nat", data -> data.attributeBig32(1, NFT_NAT_SNAT).attributeBig32(2, Family.of(address).number)
                .attributeBig32(3, NFT_REG_1));
    }

    /** {@code iifname vmap @map}: jumps to the chain that the map has for the link a packet came by, if it has one. */
    public NftRule jumpByLinkFrom(String map) {
        return meta(NFT_META_IIFNAME, NFT_REG_1).verdictOf(map);
    }

    /** {@code oifname vmap @map} */
    public NftRule jumpByLinkTo(String map) {
        return meta(NFT_META_OIFNAME, NFT_REG_1).verdictOf(map);
    }

    /** {@code dnat to meta l4proto . th dport map @map}: a destination of address and port. */
    public NftRule rewriteByPort(Family family, String map) {
        return family(family).meta(NFT_META_L4PROTO, NFT_REG32_00)
                .load(NFT_PAYLOAD_TRANSPORT, TRANSPORT_DESTINATION_PORT_AT, 2, NFT_REG32_00 + 1).rewriteByMap(family, map);
    }

    /** {@code dnat to ip daddr . meta l4proto . th dport map @map} */
    public NftRule rewriteByAddressAndPort(Family family, String map) {
        return family(family).loadDestination(family).rewriteByMap(family, map);
    }

    /** {@code th sport set port}, for a packet that is known to be tcp or udp; no connection is tracked for it. */
    public NftRule setSourcePort(int protocol, int port) {
        return setPort(TRANSPORT_SOURCE_PORT_AT, protocol, port);
    }

    /** {@code th dport set port} */
    public NftRule setDestinationPort(int protocol, int port) {
        return setPort(TRANSPORT_DESTINATION_PORT_AT, protocol, port);
    }

    private NftRule setPort(int offset, int protocol, int port) {
        add("immediate", data -> data.attributeBig32(1, NFT_REG_1)
                .nest(2, value -> value.attribute(NFTA_DATA_VALUE, Messages.big16(port))));
        return add("payload", data -> data.attributeBig32(5, NFT_REG_1).attributeBig32(2, NFT_PAYLOAD_TRANSPORT)
                .attributeBig32(3, offset).attributeBig32(4, 2).attributeBig32(6, NFT_PAYLOAD_CSUM_INET)
                .attributeBig32(7, protocol == IPPROTO_TCP ? TCP_CHECKSUM_AT : UDP_CHECKSUM_AT));
    }

    /** Writes the expressions as the content of NFTA_RULE_EXPRESSIONS. */
    void write(Messages list) {
        for (Expression expression : expressions) {
            list.nest(1, element -> element.text(NFTA_EXPR_NAME, expression.name())
                    .nest(NFTA_EXPR_DATA, expression.data()));
        }
    }

    /** Address, protocol and port of the destination in consecutive registers. */
    private NftRule loadDestination(Family family) {
        int next = NFT_REG32_00 + family.registers();
        return load(NFT_PAYLOAD_NETWORK, family.destinationAt, family.length, NFT_REG32_00).meta(NFT_META_L4PROTO, next)
                .load(NFT_PAYLOAD_TRANSPORT, TRANSPORT_DESTINATION_PORT_AT, 2, next + 1);
    }

    private NftRule rewriteByMap(Family family, String map) {
        add("lookup", data -> data.text(1, map).attributeBig32(2, NFT_REG32_00).attributeBig32(3, NFT_REG32_00));
        return add("nat", data -> data.attributeBig32(1, NFT_NAT_DNAT).attributeBig32(2, family.number)
                .attributeBig32(3, NFT_REG32_00).attributeBig32(5, NFT_REG32_00 + family.registers()));
    }

    private NftRule isIn(String set, int flags, int register) {
        return add("lookup", data -> data.text(1, set).attributeBig32(2, register).attributeBig32(5, flags));
    }

    private NftRule verdictOf(String map) {
        return add("lookup", data -> data.text(1, map).attributeBig32(2, NFT_REG_1).attributeBig32(3, NFT_REG_VERDICT));
    }

    private NftRule meta(int key, int register) {
        return add("meta", data -> data.attributeBig32(1, register).attributeBig32(2, key));
    }

    private NftRule load(int base, int offset, int length, int register) {
        return add("payload", data -> data.attributeBig32(1, register).attributeBig32(2, base).attributeBig32(3, offset)
                .attributeBig32(4, length));
    }

    private NftRule address(int offset, byte[] network, int prefixLength) {
        load(NFT_PAYLOAD_NETWORK, offset, network.length, NFT_REG_1);
        if (prefixLength < 8 * network.length) {
            mask(prefix(network.length, prefixLength));
        }
        return compare(NFT_CMP_EQ, network);
    }

    /** As many bytes, the first bits of them set. */
    private static byte[] prefix(int length, int bits) {
        byte[] mask = new byte[length];
        for (int i = 0; i < length; i++) {
            mask[i] = (byte) (0xff00 >> Math.clamp(bits - 8L * i, 0, 8));
        }
        return mask;
    }

    private NftRule conntrackBits(int key, int bits) {
        add("ct", data -> data.attributeBig32(1, NFT_REG_1).attributeBig32(2, key));
        return mask(own32(bits)).compare(NFT_CMP_NEQ, new byte[4]);
    }

    private NftRule mask(byte[] mask) {
        return add("bitwise", data -> data.attributeBig32(1, NFT_REG_1).attributeBig32(2, NFT_REG_1)
                .attributeBig32(3, mask.length).nest(4, value -> value.attribute(NFTA_DATA_VALUE, mask))
                .nest(5, value -> value.attribute(NFTA_DATA_VALUE, new byte[mask.length])));
    }

    private NftRule compare(int operator, byte[] with) {
        return add("cmp", data -> data.attributeBig32(1, NFT_REG_1).attributeBig32(2, operator)
                .nest(3, value -> value.attribute(NFTA_DATA_VALUE, with)));
    }

    private NftRule verdict(int code, String chain) {
        return add("immediate", data -> data.attributeBig32(1, NFT_REG_VERDICT)
                .nest(2, value -> value.nest(NFTA_DATA_VERDICT, verdict -> {
                    verdict.attributeBig32(1, code);
                    if (!chain.isEmpty()) {
                        verdict.text(2, chain);
                    }
                })));
    }

    private NftRule add(String name, Consumer<Messages> data) {
        expressions.add(new Expression(name, data));
        return this;
    }

    private static byte[] own32(int value) {
        return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(value).array();
    }
}
