package io.berth.linux.netlink;

import static io.berth.linux.netlink.Messages.NLM_F_DUMP;

import io.berth.linux.kernel.Errno;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The chains and rules of all nf_tables tables of a namespace, ours and those of others (iptables-nft's among them). */
public final class NftReader {

    // linux/netfilter/nfnetlink.h, linux/netfilter/nf_tables.h
    private static final int NFNL_SUBSYS_NFTABLES = 10;
    private static final int NFT_MSG_GETCHAIN = 4;
    private static final int NFT_MSG_GETRULE = 7;
    private static final int NF_DROP = 0;
    private static final int AF_UNSPEC = 0;
    private static final int NFTA_DATA_VALUE = 1;
    private static final int NFTA_DATA_VERDICT = 2;
    private static final int FAMILY_HEADER = 4;
    /** Expressions that let every packet pass on to the next. */
    private static final Set<String> CONDITIONLESS = Set.of("counter", "log");
    /** nf_tables' word for families: as nft(8) writes them. */
    private static final List<String> FAMILIES = List.of("unspec", "inet", "ip", "", "", "netdev", "", "bridge", "", "", "ip6");

    /**
     * A chain.
     *
     * @param family as nft(8) writes it: {@code ip}, {@code ip6}, {@code inet} …
     * @param hook   the number of the hook where packets enter it; empty for one that rules jump to
     * @param drops  whether its policy is drop
     */
    public record Chain(String family, String table, String name, Optional<Integer> hook, boolean drops) {
    }

    /**
     * A rule.
     *
     * @param refusesAll whether it drops or rejects every packet that comes to it
     * @param compared   the strings that it compares something with, the names of links among them; a wildcard's without its star
     */
    public record Rule(String family, String table, String chain, boolean refusesAll, List<String> compared) {
    }

    private final NetlinkSocket netfilter;

    public NftReader(NetlinkSocket netfilter) {
        this.netfilter = netfilter;
    }

    /** Of all tables. */
    public List<Chain> chains() {
        return dump("list the chains of all tables", NFT_MSG_GETCHAIN).stream().map(NftReader::chain).toList();
    }

    /** Of all tables, those of one chain in their order. */
    public List<Rule> rules() {
        return dump("list the rules of all tables", NFT_MSG_GETRULE).stream().map(NftReader::rule).toList();
    }

    private List<NetlinkSocket.Reply> dump(String purpose, int type) {
        Messages request = new Messages().begin(purpose, NFNL_SUBSYS_NFTABLES << 8 | type, NLM_F_DUMP)
                .put8(AF_UNSPEC).put8(0).put16(0);
        try {
            return netfilter.exchange(request);
        } catch (NetlinkException failure) {
            if (failure.errno() == Errno.ENOENT) {
                return List.of();
            }
            throw failure;
        }
    }

    private static Chain chain(NetlinkSocket.Reply reply) {
        Attributes attributes = new Attributes(reply.payload(), FAMILY_HEADER);
        Optional<Integer> hook = attributes.nested(4).flatMap(place -> big32(place, 1));
        return new Chain(family(reply), attributes.text(1).orElse(""), attributes.text(3).orElse(""), hook,
                hook.isPresent() && big32(attributes, 5).filter(policy -> policy == NF_DROP).isPresent());
    }

    private static Rule rule(NetlinkSocket.Reply reply) {
        Attributes attributes = new Attributes(reply.payload(), FAMILY_HEADER);
        List<Attributes> expressions = attributes.nested(4).map(list -> list.list(1)).orElse(List.of());
        List<String> compared = new ArrayList<>();
        for (Attributes expression : expressions) {
            if (name(expression).equals("cmp")) {
                expression.nested(2).flatMap(data -> data.nested(3)).flatMap(data -> data.bytes(NFTA_DATA_VALUE))
                        .map(NftReader::text).filter(text -> !text.isEmpty()).ifPresent(compared::add);
            }
        }
        return new Rule(family(reply), attributes.text(1).orElse(""), attributes.text(2).orElse(""), refusesAll(expressions), compared);
    }

    private static boolean refusesAll(List<Attributes> expressions) {
        if (expressions.isEmpty() || !expressions.subList(0, expressions.size() - 1).stream()
                .allMatch(expression -> CONDITIONLESS.contains(name(expression)))) {
            return false;
        }
        Attributes last = expressions.getLast();
        // iptables-nft has it as an extension of x_tables
        boolean extension = name(last).equals("target") && last.nested(2).flatMap(data -> data.text(1)).filter("REJECT"::equals).isPresent();
        return extension || name(last).equals("reject") || name(last).equals("immediate") && last.nested(2).flatMap(data -> data.nested(2))
                .flatMap(data -> data.nested(NFTA_DATA_VERDICT)).flatMap(verdict -> big32(verdict, 1))
                .filter(code -> code == NF_DROP).isPresent();
    }

    private static String name(Attributes expression) {
        return expression.text(1).orElse("");
    }

    private static String family(NetlinkSocket.Reply reply) {
        int number = reply.payload()[0];
        return number >= 0 && number < FAMILIES.size() ? FAMILIES.get(number) : "family " + number;
    }

    /** The printable characters before the first that is none. */
    private static String text(byte[] bytes) {
        int length = 0;
        while (length < bytes.length && bytes[length] > ' ' && bytes[length] < 0x7f) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.US_ASCII);
    }

    private static Optional<Integer> big32(Attributes attributes, int type) {
        return attributes.bytes(type).map(bytes -> ByteBuffer.wrap(bytes).getInt());
    }
}
