package io.berth.linux.netlink;

import static io.berth.linux.kernel.Argument.of;

import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SocketCalls;
import io.berth.linux.kernel.SystemCall;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The tables of the older iptables (x_tables), which are none of nf_tables' and are read by socket options. Asking for one that
 * is not there would make it, so ask only for what {@code /proc/net/ip_tables_names} has.
 */
public final class LegacyTables {

    /** The two kinds of them, with what the kernel's headers call differently. */
    public enum Family {
        /** linux/netfilter_ipv4/ip_tables.h: struct ipt_ip has 84 bytes. */
        IPV4(2, 0, 84, "/proc/thread-self/net/ip_tables_names"),
        /** linux/netfilter_ipv6/ip6_tables.h: struct ip6t_ip6 has 136 bytes. */
        IPV6(10, 41, 136, "/proc/thread-self/net/ip6_tables_names");

        private final int domain;
        private final int level;
        private final int match;
        private final String names;

        Family(int domain, int level, int match, String names) {
            this.domain = domain;
            this.level = level;
            this.match = match;
            this.names = names;
        }

        /** Where the kernel lists those that are there, in the namespace of the thread that reads. */
        public String names() {
            return names;
        }

        /** Behind the match: what was seen of it (4), offsets of the target and of the next entry (2 each). */
        private int targetOffsetAt() {
            return match + 4;
        }
    }

    /** What the forward hook of a table named {@code filter} comes to. */
    public record Forwarding(boolean drops, List<String> links) {
    }

    private static final int IPPROTO_RAW = 255;
    private static final int GET_INFO = 64;
    private static final int GET_ENTRIES = 65;
    private static final int NAME = 32;
    private static final int NF_INET_FORWARD = 2;
    private static final int HOOKS = 5;
    // struct ipt_getinfo: name, hooks, entry of each hook, policy of each hook, number of entries, their size
    private static final int POLICIES_AT = NAME + 4 + 4 * HOOKS;
    private static final int SIZE_AT = POLICIES_AT + 4 * HOOKS + 4;
    private static final int INFO = SIZE_AT + 4;
    // struct ipt_get_entries: name, size, then the entries, aligned to eight
    private static final int ENTRIES_AT = NAME + 8;
    /** struct xt_entry_target, in front of the verdict of a standard target. */
    private static final int TARGET_HEADER = 32;
    /** As the kernel has verdicts there: {@code -NF_DROP - 1}. */
    private static final int DROP = -1;
    private static final int IFNAMSIZ = 16;

    private LegacyTables() {
    }

    /** Empty when the kernel refuses to tell, or has no such tables. */
    public static Optional<Forwarding> forwarding(Kernel kernel, Family family) {
        try (Fd socket = new SocketCalls(kernel).socket(family.domain, SocketCalls.SOCK_RAW, IPPROTO_RAW)) {
            NativeBuffer info = named(INFO);
            if (!read(kernel, socket, family, GET_INFO, info)) {
                return Optional.empty();
            }
            int size = info.bytes().getInt(SIZE_AT);
            NativeBuffer entries = named(ENTRIES_AT + size);
            entries.bytes().putInt(NAME, size);
            if (!read(kernel, socket, family, GET_ENTRIES, entries)) {
                return Optional.empty();
            }
            return Optional.of(read(entries.bytes(), family, info.bytes().getInt(POLICIES_AT + 4 * NF_INET_FORWARD), size));
        }
    }

    private static Forwarding read(ByteBuffer bytes, Family family, int policyAt, int size) {
        List<String> links = new ArrayList<>();
        int next;
        for (int at = 0; at < size; at += next) {
            int entry = ENTRIES_AT + at;
            // the names of links lie behind the four addresses and masks
            int names = entry + (family == Family.IPV4 ? 16 : 64);
            links.add(text(bytes, names));
            links.add(text(bytes, names + IFNAMSIZ));
            next = Math.max(1, Short.toUnsignedInt(bytes.getShort(entry + family.targetOffsetAt() + 2)));
        }
        int policy = ENTRIES_AT + policyAt;
        int target = policy + Short.toUnsignedInt(bytes.getShort(policy + family.targetOffsetAt()));
        return new Forwarding(bytes.getInt(target + TARGET_HEADER) == DROP, links.stream().filter(link -> !link.isEmpty()).toList());
    }

    private static NativeBuffer named(int size) {
        NativeBuffer buffer = NativeBuffer.allocate(size);
        buffer.bytes().put(0, "filter".getBytes(StandardCharsets.US_ASCII));
        return buffer;
    }

    private static boolean read(Kernel kernel, Fd socket, Family family, int option, NativeBuffer into) {
        NativeBuffer length = NativeBuffer.allocate(4);
        length.bytes().putInt(0, into.size());
        return kernel.attempt(SystemCall.GETSOCKOPT, socket, of(family.level), of(option), into, length) >= 0;
    }

    private static String text(ByteBuffer bytes, int at) {
        int length = 0;
        while (length < IFNAMSIZ && bytes.get(at + length) != 0) {
            length++;
        }
        byte[] name = new byte[length];
        bytes.get(at, name);
        return new String(name, StandardCharsets.US_ASCII);
    }
}
