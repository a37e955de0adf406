package io.berth.daemon.network.firewall;

import io.berth.daemon.network.address.Subnet;
import io.berth.daemon.network.firewall.TableRules.Placed;
import io.berth.linux.netlink.NetlinkException;
import io.berth.linux.netlink.NetlinkSocket;
import io.berth.linux.netlink.NftBatch;
import io.berth.linux.netlink.NftBatch.Element;
import io.berth.linux.netlink.NftReader;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The instance's nf_tables table, of the family {@code inet}. Its rules are the same whatever there is; a bridge adds two or
 * three chains of its own and elements that lead to them by the link's name, and a published port is an element of one of
 * four maps, found in constant time however many there are. Nothing that stands is ever written again for something new.
 *
 * <pre>
 * set bridges       { link }                                                our bridges
 * map entering      { link : jump entering-LINK }                           by the link where a forwarded packet goes
 * map leaving       { link : jump leaving-LINK }                            by that where it comes from: internal networks
 * map arriving      { link : jump arriving-LINK }                           the same for packets to the host itself
 * map translated    { link : jump translated-LINK }                         as whom containers are seen elsewhere
 * map returning     { link : jump returning-LINK }                          the same for what goes back into its own bridge
 * map by-port(6)    { protocol . port           : container . port }        published on all of the host's addresses
 * map by-address(6) { address . protocol . port : container . port }        published on one
 * set reachable(6)  { container . protocol . port }                         open at the container's own address
 * </pre>
 *
 * <p><b>What it lets through.</b> Packets to a local address of the host are redirected by the maps, those of the host
 * itself too (127.0.0.1 included: route_localnet is set on the bridges). Into a bridge go only redirected connections and
 * answers, so neither another bridge nor a neighbour that routes to its subnet reaches a container; out of it everything
 * goes. A port published on 127.0.0.1 answers the host alone: for packets from outside the redirection passes over
 * 127.0.0.0/8. The source of a connection from elsewhere stays as it is. It becomes an address of the host's where the answer
 * would not come back through here: from 127.0.0.1, and from a container. An internal network is sealed in both
 * directions, and its containers reach no other address of the host than those in their own subnet.
 *
 * <p><b>The administrator's chain</b>, {@code administrator}, sees every forwarded packet first. We make it and never touch it
 * again: not at a restart, not when everything else is made anew, not at the end.
 *
 * <p>The table has no owner: it goes on working when the daemon is killed (an owned table would go with the daemon's socket; the
 * flag that parts the two, PERSIST, needs Linux 6.9). So another tool can remove it, and {@link RuleWatch} says when. All that
 * must be in it is remembered here: {@link #restore} needs nobody. One thread at a time.
 */
public final class RuleTable {

    private final NetlinkSocket netfilter;
    private final String table;
    private final Map<String, BridgeRules> bridges = new LinkedHashMap<>();
    private final Set<Redirection> ports = new LinkedHashSet<>();
    private boolean made;

    /** Changes nothing yet. */
    public RuleTable(NetlinkSocket netfilter, String table) {
        this.netfilter = netfilter;
        this.table = table;
    }

    /** For {@link RuleWatch}: changes over this socket are ours. */
    NetlinkSocket socket() {
        return netfilter;
    }

    String name() {
        return table;
    }

    /** The bridges. */
    public List<String> links() {
        return List.copyOf(bridges.keySet());
    }

    /**
     * Takes a bridge in, or changes its rules at one instant; the ports of its containers stay. The table is made with the first.
     * Before the bridge is up, or packets pass it that should not.
     */
    public void open(BridgeRules bridge) {
        BridgeRules former = bridges.put(bridge.link(), bridge);
        if (bridge.equals(former) && made) {
            return;
        }
        try {
            if (made && former == null) {
                change(batch -> add(batch, bridge));
            } else {
                describe();
            }
        } catch (RuntimeException failure) {
            if (former == null) {
                bridges.remove(bridge.link());
            } else {
                bridges.put(bridge.link(), former);
            }
            throw failure;
        }
    }

    /** Forgets a bridge; its containers' ports have been withdrawn before. A link that is not known is no error. */
    public void close(String link) {
        BridgeRules bridge = bridges.remove(link);
        if (bridge != null && made) {
            change(batch -> {
                TableRules.elements(bridge).forEach(batch::delete);
                TableRules.chains(bridge).forEach(chain -> batch.flush(chain).deleteChain(chain));
            });
        }
    }

    /**
     * After a start of the daemon: these are the bridges. It takes effect with {@link #publishOnly}, so that nobody who is
     * connected to a port is in the way for a moment.
     */
    public void openOnly(Collection<BridgeRules> all) {
        bridges.clear();
        all.forEach(bridge -> bridges.put(bridge.link(), bridge));
        made = false;
    }

    /**
     * Makes these the only ports published and the open bridges the only ones, at one instant. What an earlier version left, a
     * table of the family {@code ip}, goes at the same instant. Without bridges there is no table.
     */
    public void publishOnly(Collection<Redirection> all) {
        ports.clear();
        ports.addAll(all);
        if (bridges.isEmpty()) {
            remove();
        } else {
            describe();
        }
    }

    /** Redirects what arrives from now on. */
    public void publish(Collection<Redirection> some) {
        ports.addAll(some);
        try {
            change(batch -> elements(some).forEach(batch::add));
        } catch (RuntimeException failure) {
            ports.removeAll(some);
            throw failure;
        }
    }

    /** What another tool has removed already is no error. */
    public void withdraw(Collection<Redirection> some) {
        List<Redirection> present = some.stream().filter(ports::remove).toList();
        Map<String, Set<Element>> going = elements(present);
        // two ports of the host may lead to one of a container's
        Set<Object> containers = present.stream().map(Redirection::container).collect(Collectors.toSet());
        elements(ports.stream().filter(port -> containers.contains(port.container())).toList())
                .forEach((set, staying) -> going.getOrDefault(set, Set.of()).removeAll(staying));
        if (made) {
            change(batch -> going.forEach(batch::delete));
        }
    }

    /**
     * Makes the table anew where something is missing in it.
     *
     * @return whether something was missing
     */
    public boolean restore() {
        if (!made || isIntact()) {
            return false;
        }
        describe();
        return true;
    }

    /** Removes the table, or all but the administrator's chain when there are rules in that. */
    public void remove() {
        bridges.clear();
        ports.clear();
        made = false;
        NftBatch batch = new NftBatch(table).deleteTableOfIpv4().createTable();
        boolean administered = new NftReader(netfilter).rules().stream()
                .anyMatch(rule -> isOurs(rule.family(), rule.table()) && rule.chain().equals(TableRules.ADMINISTRATOR));
        if (!administered) {
            batch.deleteTable().send(netfilter);
            return;
        }
        TableRules.create(batch);
        TableRules.SETS.forEach(batch::flushSet);
        List<String> chains = new ArrayList<>(TableRules.chains());
        chains.addAll(leftovers());
        chains.forEach(batch::flush);
        chains.forEach(batch::deleteChain);
        TableRules.SETS.forEach(batch::deleteSet);
        batch.send(netfilter);
    }

    private interface Change {
        void write(NftBatch batch);
    }

    /** One small change; where the table is not as it should be, all of it. */
    private void change(Change change) {
        if (!made) {
            describe();
            return;
        }
        NftBatch batch = new NftBatch(table);
        change.write(batch);
        try {
            batch.send(netfilter);
        } catch (NetlinkException surprise) {
            try {
                describe();
            } catch (NetlinkException failure) {
                failure.addSuppressed(surprise);
                throw failure;
            }
        }
    }

    /** Everything, at one instant. */
    private void describe() {
        NftBatch batch = new NftBatch(table).deleteTableOfIpv4();
        TableRules.create(batch);
        TableRules.SETS.forEach(batch::flushSet);
        TableRules.chains().forEach(batch::flush);
        List<String> leftovers = leftovers();
        leftovers.forEach(batch::flush);
        leftovers.forEach(batch::deleteChain);
        append(batch, TableRules.rules());
        bridges.values().forEach(bridge -> add(batch, bridge));
        elements(ports).forEach(batch::add);
        batch.send(netfilter);
        made = true;
    }

    private static void add(NftBatch batch, BridgeRules bridge) {
        TableRules.chains(bridge).forEach(chain -> batch.createChain(chain).flush(chain));
        append(batch, TableRules.rules(bridge));
        TableRules.elements(bridge).forEach(batch::add);
    }

    private static void append(NftBatch batch, List<Placed> rules) {
        rules.forEach(placed -> batch.append(placed.chain(), placed.rule()));
    }

    /** Chains of bridges that are gone, in the table as it stands. */
    private List<String> leftovers() {
        Set<String> wanted = new HashSet<>(TableRules.chains());
        wanted.add(TableRules.ADMINISTRATOR);
        bridges.values().forEach(bridge -> wanted.addAll(TableRules.chains(bridge)));
        return new NftReader(netfilter).chains().stream().filter(chain -> isOurs(chain.family(), chain.table()))
                .map(NftReader.Chain::name).filter(chain -> !wanted.contains(chain)).toList();
    }

    /** Whether every rule and every element is there; what others have added is theirs. */
    private boolean isIntact() {
        NftReader reader = new NftReader(netfilter);
        boolean administrable = reader.chains().stream()
                .anyMatch(chain -> isOurs(chain.family(), chain.table()) && chain.name().equals(TableRules.ADMINISTRATOR));
        if (!administrable) {
            return false;
        }
        Map<String, Integer> missing = new HashMap<>();
        List<Placed> wanted = new ArrayList<>(TableRules.rules());
        bridges.values().forEach(bridge -> wanted.addAll(TableRules.rules(bridge)));
        wanted.forEach(placed -> missing.merge(placed.chain(), 1, Integer::sum));
        reader.rules().stream().filter(rule -> isOurs(rule.family(), rule.table()))
                .forEach(rule -> missing.computeIfPresent(rule.chain(), (chain, count) -> count - 1));
        return missing.values().stream().allMatch(count -> count <= 0) && hasAllElements();
    }

    private boolean hasAllElements() {
        Map<String, Set<Element>> wanted = elements(ports);
        bridges.values().forEach(bridge -> TableRules.elements(bridge)
                .forEach((set, some) -> wanted.computeIfAbsent(set, none -> new LinkedHashSet<>()).addAll(some)));
        return wanted.entrySet().stream()
                .allMatch(set -> new HashSet<>(NftBatch.elements(netfilter, table, set.getKey())).containsAll(set.getValue()));
    }

    private boolean isOurs(String family, String name) {
        return family.equals("inet") && name.equals(table);
    }

    /** The elements of ports, by the names of their sets. */
    private Map<String, Set<Element>> elements(Collection<Redirection> some) {
        List<Subnet> opened = bridges.values().stream().flatMap(bridge -> bridge.opened().stream()).toList();
        Map<String, Set<Element>> elements = new LinkedHashMap<>();
        for (Redirection port : some) {
            if (port.hostPort() != 0) {
                put(elements, TableRules.element(port));
            }
            if (opened.stream().anyMatch(subnet -> subnet.contains(port.container()))) {
                put(elements, TableRules.opening(port));
            }
        }
        return elements;
    }

    private static void put(Map<String, Set<Element>> elements, Map.Entry<String, Element> element) {
        elements.computeIfAbsent(element.getKey(), none -> new LinkedHashSet<>()).add(element.getValue());
    }
}
