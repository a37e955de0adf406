package io.berth.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * An nf_tables rule of an {@code ip} table, written as nft(8) would print it: conditions from left to right, a statement
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
    private static final int NFT_META_L4PROTO = 16;
    private static final int NFT_CT_STATE = 0;
    private static final int NFT_CT_STATUS = 2;
    private static final int NFT_PAYLOAD_NETWORK = 1;
    private static final int NFT_PAYLOAD_TRANSPORT = 2;
    private static final int NFT_CMP_EQ = 0;
    private static final int NFT_CMP_NEQ = 1;
    private static final int NFT_FIB_RESULT_ADDRTYPE = 3;
    private static final int NFTA_FIB_F_DADDR = 2;
    private static final int NFT_NAT_DNAT = 1;
    private static final int NFPROTO_IPV4 = 2;
    private static final int NF_DROP = 0;
    private static final int NF_ACCEPT = 1;
    private static final int NFT_JUMP = -3;
    private static final int NFT_RETURN = -5;
    private static final int IFNAMSIZ = 16;
    // struct iphdr
    private static final int SOURCE_AT = 12;
    private static final int DESTINATION_AT = 16;
    private static final int TRANSPORT_DESTINATION_PORT_AT = 2;
    // linux/rtnetlink.h, linux/netfilter/nf_conntrack_common.h
    private static final int RTN_LOCAL = 2;
    private static final int ESTABLISHED_OR_RELATED = 2 | 4;
    private static final int IPS_DST_NAT = 1 << 5;

    private record Expression(String name, Consumer<Messages> data) {
    }

    private final List<Expression> expressions = new ArrayList<>();

    /** {@code iifname "name"} */
    public NftRule from(String link) {
        return meta(NFT_META_IIFNAME, NFT_REG_1).compare(NFT_CMP_EQ, linkName(link));
    }

    /** {@code oifname "name"} */
    public NftRule to(String link) {
        return meta(NFT_META_OIFNAME, NFT_REG_1).compare(NFT_CMP_EQ, linkName(link));
    }

    /** {@code oifname != "name"} */
    public NftRule notTo(String link) {
        return meta(NFT_META_OIFNAME, NFT_REG_1).compare(NFT_CMP_NEQ, linkName(link));
    }

    /** {@code ip saddr network/prefix} */
    public NftRule source(byte[] network, int prefixLength) {
        return address(SOURCE_AT, network, prefixLength);
    }

    /** {@code ip daddr network/prefix} */
    public NftRule destination(byte[] network, int prefixLength) {
        return address(DESTINATION_AT, network, prefixLength);
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

    /** {@code dnat to meta l4proto . th dport map @map}: a destination of address and port. */
    public NftRule rewriteByPort(String map) {
        return meta(NFT_META_L4PROTO, NFT_REG32_00)
                .load(NFT_PAYLOAD_TRANSPORT, TRANSPORT_DESTINATION_PORT_AT, 2, NFT_REG32_00 + 1).rewriteByMap(map);
    }

    /** {@code dnat to ip daddr . meta l4proto . th dport map @map} */
    public NftRule rewriteByAddressAndPort(String map) {
        return load(NFT_PAYLOAD_NETWORK, DESTINATION_AT, 4, NFT_REG32_00).meta(NFT_META_L4PROTO, NFT_REG32_00 + 1)
                .load(NFT_PAYLOAD_TRANSPORT, TRANSPORT_DESTINATION_PORT_AT, 2, NFT_REG32_00 + 2).rewriteByMap(map);
    }

    /** Writes the expressions as the content of NFTA_RULE_EXPRESSIONS. */
    void write(Messages list) {
        for (Expression expression : expressions) {
            list.nest(1, element -> element.text(NFTA_EXPR_NAME, expression.name())
                    .nest(NFTA_EXPR_DATA, expression.data()));
        }
    }

    private NftRule rewriteByMap(String map) {
        add("lookup", data -> data.text(1, map).attributeBig32(2, NFT_REG32_00).attributeBig32(3, NFT_REG32_00));
        return add("nat", data -> data.attributeBig32(1, NFT_NAT_DNAT).attributeBig32(2, NFPROTO_IPV4)
                .attributeBig32(3, NFT_REG32_00).attributeBig32(5, NFT_REG32_00 + 1));
    }

    private NftRule meta(int key, int register) {
        return add("meta", data -> data.attributeBig32(1, register).attributeBig32(2, key));
    }

    private NftRule load(int base, int offset, int length, int register) {
        return add("payload", data -> data.attributeBig32(1, register).attributeBig32(2, base).attributeBig32(3, offset)
                .attributeBig32(4, length));
    }

    private NftRule address(int offset, byte[] network, int prefixLength) {
        load(NFT_PAYLOAD_NETWORK, offset, 4, NFT_REG_1);
        if (prefixLength < 32) {
            mask(Messages.big32(prefixLength == 0 ? 0 : -1 << 32 - prefixLength));
        }
        return compare(NFT_CMP_EQ, network);
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

    private static byte[] linkName(String name) {
        return Arrays.copyOf(name.getBytes(StandardCharsets.UTF_8), IFNAMSIZ);
    }

    private static byte[] own32(int value) {
        return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(value).array();
    }
}
