package io.berth.daemon.network.firewall;

import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.FileCalls;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.NativeBuffer;
import io.berth.linux.kernel.SystemCallException;
import io.berth.linux.netlink.LegacyTables;
import io.berth.linux.netlink.NetlinkSocket;
import io.berth.linux.netlink.NftReader;
import io.berth.linux.netlink.NftReader.Chain;
import io.berth.linux.netlink.NftReader.Rule;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Finds what other tools' tables would do to containers. Every table has a say of its own: what one drops, no other can let pass. So a
 * chain on the forward hook that drops what it does not know (ufw, firewalld, the reference engine's policy) closes published
 * ports and the containers' ways out, whatever our table says; all we can do is to tell.
 *
 * <p>A table that has a rule about a bridge of ours was made with it in mind, and is passed over for that bridge.
 */
public final class ForeignRules {

    private static final int NF_INET_FORWARD = 2;

    private ForeignRules() {
    }

    /** A chain that drops what it has no rule for. */
    private record Closed(String family, String table, String chain, List<Rule> rules) {

        private boolean knows(String link) {
            return rules.stream().flatMap(rule -> rule.compared().stream()).anyMatch(text -> meant(text, link));
        }
    }

    /**
     * For {@code docker info}: one sentence a table that is in our way, and what to do. Any thread.
     *
     * @param links the bridges
     */
    public static List<String> warnings(Kernel kernel, NetlinkSocket netfilter, String ownTable, Collection<String> links) {
        List<String> warnings = new ArrayList<>();
        for (Closed chain : closed(new NftReader(netfilter), ownTable)) {
            List<String> unknown = links.stream().filter(link -> !chain.knows(link)).toList();
            if (!unknown.isEmpty()) {
                warnings.add(warning("table " + chain.family() + " " + chain.table() + ", chain " + chain.chain(), remedy(chain, unknown.getFirst()),
                        unknown));
            }
        }
        for (LegacyTables.Family family : LegacyTables.Family.values()) {
            legacy(kernel, family).filter(LegacyTables.Forwarding::drops).ifPresent(forwarding -> {
                List<String> unknown = links.stream()
                        .filter(link -> forwarding.links().stream().noneMatch(text -> meant(text, link))).toList();
                if (!unknown.isEmpty()) {
                    String command = family == LegacyTables.Family.IPV4 ? "iptables-legacy" : "ip6tables-legacy";
                    warnings.add(warning("the policy of " + command + ", chain FORWARD", iptables(command, "FORWARD", unknown.getFirst()), unknown));
                }
            });
        }
        return warnings;
    }

    private static String warning(String place, String remedy, List<String> links) {
        String more = links.size() == 1 ? "" : " and " + (links.size() - 1) + " more";
        return "WARNING: " + place + ", drops what it has no rule for, and it has none for " + links.getFirst() + more
                + ": published ports cannot be reached from other hosts, and containers cannot reach them. To let them pass: " + remedy;
    }

    private static List<Closed> closed(NftReader reader, String ownTable) {
        List<Chain> forwarding = reader.chains().stream().filter(chain -> chain.hook().filter(hook -> hook == NF_INET_FORWARD).isPresent()
                && List.of("ip", "ip6", "inet").contains(chain.family())
                && !(chain.family().equals("inet") && chain.table().equals(ownTable))).toList();
        if (forwarding.isEmpty()) {
            return List.of();
        }
        List<Rule> rules = reader.rules();
        return forwarding.stream().filter(chain -> chain.drops() || endsWithRefusal(chain, rules))
                .map(chain -> new Closed(chain.family(), chain.table(), chain.name(), rules.stream()
                        .filter(rule -> rule.family().equals(chain.family()) && rule.table().equals(chain.table())).toList())).toList();
    }

    private static boolean endsWithRefusal(Chain chain, List<Rule> rules) {
        return rules.stream().filter(rule -> rule.family().equals(chain.family()) && rule.table().equals(chain.table())
                && rule.chain().equals(chain.name())).anyMatch(Rule::refusesAll);
    }

    /** A link by its name, or several by how their names begin. */
    private static boolean meant(String text, String link) {
        String beginning = text.endsWith("+") ? text.substring(0, text.length() - 1) : text;
        return link.equals(text) || beginning.length() > 1 && beginning.length() < link.length() && link.startsWith(beginning);
    }

    private static String remedy(Closed chain, String link) {
        if (chain.table().equals("firewalld")) {
            return "firewall-cmd --permanent --zone=trusted --add-interface=" + link + " && firewall-cmd --reload";
        }
        boolean iptables = chain.chain().equals("FORWARD") && chain.table().equals("filter") && !chain.family().equals("inet");
        if (iptables && chain.rules().stream().anyMatch(rule -> rule.chain().startsWith("ufw"))) {
            return "ufw route allow in on " + link + " && ufw route allow out on " + link;
        }
        if (iptables) {
            // what the reference engine leaves to the administrator
            boolean engine = chain.rules().stream().anyMatch(rule -> rule.chain().equals("DOCKER-FORWARD"));
            return iptables(chain.family().equals("ip") ? "iptables" : "ip6tables", engine ? "DOCKER-USER" : "FORWARD", link);
        }
        String insert = "nft insert rule " + chain.family() + " " + chain.table() + " " + chain.chain() + " ";
        return insert + "iifname " + link + " accept && " + insert + "oifname " + link + " accept";
    }

    private static String iptables(String command, String chain, String link) {
        return command + " -I " + chain + " -i " + link + " -j ACCEPT && " + command + " -I " + chain + " -o " + link + " -j ACCEPT";
    }

    /** Empty unless the kernel says that there is a table: asking for it would make it. */
    private static Optional<LegacyTables.Forwarding> legacy(Kernel kernel, LegacyTables.Family family) {
        FileCalls files = new FileCalls(kernel);
        NativeBuffer text = NativeBuffer.allocate(256);
        try (Fd file = files.open(family.names(), FileCalls.O_RDONLY, 0)) {
            int length = files.read(file, text, 0, text.size());
            List<String> names = Arrays.asList(new String(text.copy(0, length), StandardCharsets.US_ASCII).split("\n"));
            return names.contains("filter") ? LegacyTables.forwarding(kernel, family) : Optional.empty();
        } catch (SystemCallException none) {
            return Optional.empty();
        }
    }
}
