package io.berth.linux.netlink;

import static io.berth.linux.netlink.Messages.NLM_F_ACK;
import static io.berth.linux.netlink.Messages.NLM_F_APPEND;
import static io.berth.linux.netlink.Messages.NLM_F_CREATE;
import static io.berth.linux.netlink.Messages.NLM_F_DUMP;

import io.berth.linux.kernel.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One nf_tables transaction on one table of the family {@code inet}, which sees IPv4 and IPv6: all of it happens at one
 * instant or none of it. Creating what exists already is no error, so a batch that describes a table can be sent again at
 * every start.
 */
public final class NftBatch {

    // linux/netfilter/nfnetlink.h, linux/netfilter/nf_tables.h
    private static final int NFNL_SUBSYS_NFTABLES = 10;
    private static final int NFNL_MSG_BATCH_BEGIN = 0x10;
    private static final int NFNL_MSG_BATCH_END = 0x11;
    private static final int NFNL_BATCH_GENID = 1;
    private static final int NFT_MSG_NEWTABLE = 0;
    private static final int NFT_MSG_DELTABLE = 2;
    private static final int NFT_MSG_NEWCHAIN = 3;
    private static final int NFT_MSG_DELCHAIN = 5;
    private static final int NFT_MSG_NEWRULE = 6;
    private static final int NFT_MSG_DELRULE = 8;
    private static final int NFT_MSG_NEWSET = 9;
    private static final int NFT_MSG_DELSET = 11;
    private static final int NFT_MSG_NEWSETELEM = 12;
    private static final int NFT_MSG_GETSETELEM = 13;
    private static final int NFT_MSG_DELSETELEM = 14;
    private static final int NFT_MSG_GETGEN = 16;
    private static final int NFTA_GEN_ID = 1;
    private static final int NFT_SET_MAP = 8;
    private static final int NFT_DATA_VERDICT = 0xffff_ff00;
    private static final int NFT_JUMP = -3;
    private static final int NFTA_SET_USERDATA = 13;
    /** For nft(8), which prints nothing of a key that is text otherwise (NFTNL_UDATA_SET_KEYBYTEORDER: BYTEORDER_HOST_ENDIAN). */
    private static final byte[] KEY_IN_OWN_ORDER =
            ByteBuffer.allocate(6).order(ByteOrder.nativeOrder()).put((byte) 0).put((byte) 4).putInt(1).array();
    private static final int NFTA_DATA_VALUE = 1;
    private static final int NFTA_DATA_VERDICT = 2;
    private static final int NFPROTO_INET = 1;
    private static final int NFPROTO_IPV4 = 2;
    private static final int AF_UNSPEC = 0;
    private static final int IFNAMSIZ = 16;
    /** A nest of attributes has a length of 16 bits; the largest element with its verdict takes some 120 bytes. */
    private static final int ELEMENTS_A_MESSAGE = 400;
    /** struct nfgenmsg. */
    private static final int FAMILY_HEADER = 4;

    /** Where a chain hangs, with the priorities nft(8) gives the same names. */
    public enum Hook {
        PREROUTING_RAW("filter", 0, -300),
        PREROUTING_NAT("nat", 0, -100),
        INPUT_FILTER("filter", 1, 0),
        FORWARD_FILTER("filter", 2, 0),
        OUTPUT_RAW("filter", 3, -300),
        OUTPUT_NAT("nat", 3, -100),
        POSTROUTING_NAT("nat", 4, 100),
        /** Behind everything that translates or tracks. */
        POSTROUTING_LAST("filter", 4, 300);

        private final String type;
        private final int number;
        private final int priority;

        Hook(String type, int number, int priority) {
            this.type = type;
            this.number = number;
            this.priority = priority;
        }
    }

    /** The parts of keys and values, with nft(8)'s number of the type (for its listings) and their length. */
    public enum Field {
        ADDRESS(7, 4), ADDRESS6(8, 16), PROTOCOL(12, 1), PORT(13, 2), LINK(41, IFNAMSIZ);

        private final int type;
        private final int length;

        Field(int type, int length) {
            this.type = type;
            this.length = length;
        }
    }

    /**
     * A member of a set or an entry of a map, as it lies in registers: each field in network order, padded to four bytes.
     *
     * @param value empty in a set and in a map of verdicts
     * @param chain in a map of verdicts the chain to jump to, else empty
     */
    public record Element(byte[] key, byte[] value, String chain) {

        /** Of a set. */
        public static Element member(byte[] key) {
            return new Element(key, new byte[0], "");
        }

        /** Of a map of values. */
        public static Element entry(byte[] key, byte[] value) {
            return new Element(key, value, "");
        }

        /** Of a map of verdicts. */
        public static Element jump(byte[] key, String chain) {
            return new Element(key, new byte[0], chain);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Element(byte[] k, byte[] v, String c) && Arrays.equals(key, k) && Arrays.equals(value, v)
                    && chain.equals(c);
        }

        @Override
        public int hashCode() {
            return 31 * (31 * Arrays.hashCode(key) + Arrays.hashCode(value)) + chain.hashCode();
        }

        @Override
        public String toString() {
            return HexFormat.of().formatHex(key) + " : " + HexFormat.of().formatHex(value) + chain;
        }

        private void write(Messages parts) {
            parts.nest(1, part -> part.attribute(NFTA_DATA_VALUE, key));
            if (value.length > 0) {
                parts.nest(2, part -> part.attribute(NFTA_DATA_VALUE, value));
            } else if (!chain.isEmpty()) {
                parts.nest(2, part -> part.nest(NFTA_DATA_VERDICT, verdict -> verdict.attributeBig32(1, NFT_JUMP).text(2, chain)));
            }
        }

        private static Element read(Attributes element) {
            byte[] value = element.nested(2).flatMap(data -> data.bytes(NFTA_DATA_VALUE)).orElse(new byte[0]);
            String chain = element.nested(2).flatMap(data -> data.nested(NFTA_DATA_VERDICT))
                    .flatMap(verdict -> verdict.text(2)).orElse("");
            return new Element(element.nested(1).flatMap(data -> data.bytes(NFTA_DATA_VALUE)).orElse(new byte[0]), value, chain);
        }

    }

    /** A link's name as keys have it. */
    public static byte[] linkName(String name) {
        return Arrays.copyOf(name.getBytes(StandardCharsets.UTF_8), IFNAMSIZ);
    }

    private final String table;
    private final Messages messages = new Messages();
    private int nextSetId = 1;

    public NftBatch(String table) {
        this.table = table;
        header("change table " + table, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
    }

    /** The kernel shall refuse the batch (ERESTART) if anybody changed any table since {@code generation} was read. */
    public NftBatch atGeneration(int generation) {
        if (messages.count() > 1) {
            throw new IllegalStateException("the generation belongs at the head of a batch");
        }
        messages.attributeBig32(NFNL_BATCH_GENID, generation);
        return this;
    }

    /** The table itself. It has no owner: it stays, and goes on translating, when the daemon that made it is killed. */
    public NftBatch createTable() {
        begin("create table " + table, NFT_MSG_NEWTABLE, NLM_F_CREATE).text(1, table).attributeBig32(2, 0);
        return this;
    }

    public NftBatch deleteTable() {
        begin("delete table " + table, NFT_MSG_DELTABLE, 0).text(1, table);
        return this;
    }

    /** Removes a table of the family {@code ip} that has this name, if there is one, in the same transaction. */
    public NftBatch deleteTableOfIpv4() {
        // creating what may be there already makes deleting it safe
        begin("create table " + table + " of IPv4", NFT_MSG_NEWTABLE, NLM_F_CREATE, NFPROTO_IPV4).text(1, table).attributeBig32(2, 0);
        begin("delete table " + table + " of IPv4", NFT_MSG_DELTABLE, 0, NFPROTO_IPV4).text(1, table);
        return this;
    }

    /** A chain that packets enter by itself; what no rule decides is accepted. */
    public NftBatch createChain(String chain, Hook hook) {
        chain(chain).nest(4, place -> place.attributeBig32(1, hook.number).attributeBig32(2, hook.priority))
                .text(7, hook.type);
        return this;
    }

    /** A chain that rules jump to. */
    public NftBatch createChain(String chain) {
        chain(chain);
        return this;
    }

    /** Removes all rules of the chain. */
    public NftBatch flush(String chain) {
        begin("flush chain " + chain, NFT_MSG_DELRULE, 0).text(1, table).text(2, chain);
        return this;
    }

    /** No rule and no map may lead to it any more. */
    public NftBatch deleteChain(String chain) {
        begin("delete chain " + chain, NFT_MSG_DELCHAIN, 0).text(1, table).text(3, chain);
        return this;
    }

    public NftBatch append(String chain, NftRule rule) {
        begin("add rule to chain " + chain, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND)
                .text(1, table).text(2, chain).nest(4, rule::write);
        return this;
    }

    public NftBatch createSet(String set, List<Field> key) {
        return createSet("create set " + set, set, 0, key, nothingMore -> { });
    }

    public NftBatch createMap(String map, List<Field> key, List<Field> value) {
        return createSet("create map " + map, map, NFT_SET_MAP, key,
                data -> data.attributeBig32(6, type(value)).attributeBig32(7, length(value)));
    }

    /** A map of chains to jump to. */
    public NftBatch createVerdictMap(String map, List<Field> key) {
        return createSet("create map " + map, map, NFT_SET_MAP, key, data -> data.attributeBig32(6, NFT_DATA_VERDICT));
    }

    private NftBatch createSet(String purpose, String set, int flags, List<Field> key, Consumer<Messages> data) {
        Messages message = begin(purpose, NFT_MSG_NEWSET, NLM_F_CREATE).text(1, table).text(2, set).attributeBig32(3, flags)
                .attributeBig32(4, type(key)).attributeBig32(5, length(key));
        data.accept(message);
        message.attributeBig32(10, nextSetId++);
        if (key.equals(List.of(Field.LINK))) {
            message.attribute(NFTA_SET_USERDATA, KEY_IN_OWN_ORDER);
        }
        return this;
    }

    /** Removes a set or map that no rule uses any more. */
    public NftBatch deleteSet(String set) {
        begin("delete set " + set, NFT_MSG_DELSET, 0).text(1, table).text(2, set);
        return this;
    }

    /** Removes all elements of a set or map. */
    public NftBatch flushSet(String set) {
        begin("flush set " + set, NFT_MSG_DELSETELEM, 0).text(1, table).text(2, set);
        return this;
    }

    /** An element whose key is there already with another value is an error (EEXIST); the same element again is none. */
    public NftBatch add(String map, Collection<Element> elements) {
        return elements("add to " + map, NFT_MSG_NEWSETELEM, NLM_F_CREATE, map, elements);
    }

    /** An element that is not there is an error (ENOENT), and nothing of the batch happens. */
    public NftBatch delete(String map, Collection<Element> elements) {
        return elements("delete from " + map, NFT_MSG_DELSETELEM, 0, map, elements);
    }

    /** @throws NetlinkException for the first message the kernel refused; nothing has changed then */
    public void send(NetlinkSocket netfilter) {
        if (messages.count() > 1) {
            close();
            netfilter.exchange(messages);
        }
    }

    /** The elements of a map; none when the map or the table is not there. */
    public static List<Element> elements(NetlinkSocket netfilter, String table, String map) {
        Messages request = new Messages();
        header(request, "list map " + map + " of table " + table, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSETELEM, NLM_F_DUMP,
                NFPROTO_INET, 0).text(1, table).text(2, map);
        try {
            List<Element> elements = new ArrayList<>();
            for (NetlinkSocket.Reply reply : netfilter.exchange(request)) {
                new Attributes(reply.payload(), FAMILY_HEADER).nested(3).ifPresent(list -> list.list(1).forEach(
                        element -> elements.add(Element.read(element))));
            }
            return elements;
        } catch (NetlinkException failure) {
            if (failure.errno() == Errno.ENOENT) {
                return List.of();
            }
            throw failure;
        }
    }

    /** The number that grows with every change of any table of the namespace. */
    public static int generation(NetlinkSocket netfilter) {
        Messages request = new Messages();
        header(request, "read the generation of the tables", NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN, NLM_F_ACK, AF_UNSPEC, 0);
        return netfilter.exchange(request).stream()
                .flatMap(reply -> new Attributes(reply.payload(), FAMILY_HEADER).bytes(NFTA_GEN_ID).stream())
                .map(bytes -> ByteBuffer.wrap(bytes).getInt()).findFirst()
                .orElseThrow(() -> new IllegalStateException("the kernel names no generation of its tables"));
    }

    /** Ends the batch; the last change carries the question for an answer, which kernels before 6.10 ignore on the end itself. */
    Messages close() {
        messages.acknowledgeLast();
        header("commit table " + table, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
        return messages;
    }

    private NftBatch elements(String purpose, int type, int flags, String map, Collection<Element> elements) {
        List<Element> all = List.copyOf(elements);
        for (int from = 0; from < all.size(); from += ELEMENTS_A_MESSAGE) {
            List<Element> some = all.subList(from, Math.min(from + ELEMENTS_A_MESSAGE, all.size()));
            begin(purpose, type, flags).text(1, table).text(2, map)
                    .nest(3, list -> some.forEach(element -> list.nest(1, element::write)));
        }
        return this;
    }

    private Messages chain(String chain) {
        return begin("create chain " + chain, NFT_MSG_NEWCHAIN, NLM_F_CREATE).text(1, table).text(3, chain);
    }

    private Messages begin(String purpose, int type, int flags) {
        return begin(purpose, type, flags, NFPROTO_INET);
    }

    private Messages begin(String purpose, int type, int flags, int family) {
        return header(purpose, NFNL_SUBSYS_NFTABLES << 8 | type, flags, family, 0);
    }

    private Messages header(String purpose, int type, int flags, int family, int resource) {
        return header(messages, purpose, type, flags, family, resource);
    }

    /** struct nfgenmsg: family, version, and a number in network order. */
    private static Messages header(Messages into, String purpose, int type, int flags, int family, int resource) {
        return into.begin(purpose, type, flags).put8(family).put8(0).put8(resource >> 8).put8(resource);
    }

    private static int type(List<Field> fields) {
        return fields.stream().mapToInt(field -> field.type).reduce(0, (all, one) -> all << 6 | one);
    }

    private static int length(List<Field> fields) {
        return fields.stream().mapToInt(field -> (field.length + 3) & ~3).sum();
    }
}
