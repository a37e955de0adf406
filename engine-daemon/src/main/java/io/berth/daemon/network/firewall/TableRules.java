package io.berth.daemon.network.firewall;

import io.berth.linux.netlink.NftBatch;
import io.berth.linux.netlink.NftBatch.Element;
import io.berth.linux.netlink.NftBatch.Field;
import io.berth.linux.netlink.NftBatch.Hook;
import io.berth.linux.netlink.NftRule;
import io.berth.linux.netlink.NftRule.Family;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What stands in the table: its sets and maps, its chains, the rules of the daemon and of each bridge, and the elements of a port. */
final class TableRules {

    /** The administrator's own chain. It is made, and from then on never touched. */
    static final String ADMINISTRATOR = "administrator";

    static final String BRIDGES = "bridges";
    static final String ENTERING = "entering";
    static final String LEAVING = "leaving";
    static final String ARRIVING = "arriving";
    static final String TRANSLATED = "translated";
    static final String RETURNING = "returning";
    static final String BY_PORT = "by-port";
    static final String BY_ADDRESS = "by-address";
    static final String BY_PORT6 = "by-port6";
    static final String BY_ADDRESS6 = "by-address6";
    static final String REACHABLE = "reachable";
    static final String REACHABLE6 = "reachable6";
    static final List<String> SETS = List.of(BRIDGES, ENTERING, LEAVING, ARRIVING, TRANSLATED, RETURNING, BY_PORT, BY_ADDRESS, BY_PORT6,
            BY_ADDRESS6, REACHABLE, REACHABLE6);

    private static final List<String> JUMPED_TO = List.of(ADMINISTRATOR, "published");
    private static final Map<String, Hook> HOOKED = hooked();

    private static final byte[] LOOPBACK_NETWORK = {127, 0, 0, 0};
    private static final int LOOPBACK_PREFIX = 8;
    private static final byte[] LOOPBACK6 = ByteBuffer.allocate(16).put(15, (byte) 1).array();
    private static final byte[] LINK_LOCAL6 = ByteBuffer.allocate(16).putShort(0, (short) 0xfe80).array();
    private static final int LINK_LOCAL6_PREFIX = 10;

    /** A rule and where it stands. */
    record Placed(String chain, NftRule rule) {
    }

    private TableRules() {
    }

    private static Map<String, Hook> hooked() {
        Map<String, Hook> chains = new LinkedHashMap<>();
        chains.put("guard", Hook.PREROUTING_RAW);
        chains.put("prerouting", Hook.PREROUTING_NAT);
        chains.put("output", Hook.OUTPUT_NAT);
        chains.put("postrouting", Hook.POSTROUTING_NAT);
        chains.put("input", Hook.INPUT_FILTER);
        chains.put("forward", Hook.FORWARD_FILTER);
        return chains;
    }

    /** Sets and chains; those that are there already stay as they are. */
    static void create(NftBatch batch) {
        batch.createTable().createSet(BRIDGES, List.of(Field.LINK));
        List.of(ENTERING, LEAVING, ARRIVING, TRANSLATED, RETURNING).forEach(map -> batch.createVerdictMap(map, List.of(Field.LINK)));
        batch.createMap(BY_PORT, List.of(Field.PROTOCOL, Field.PORT), List.of(Field.ADDRESS, Field.PORT));
        batch.createMap(BY_ADDRESS, List.of(Field.ADDRESS, Field.PROTOCOL, Field.PORT), List.of(Field.ADDRESS, Field.PORT));
        batch.createMap(BY_PORT6, List.of(Field.PROTOCOL, Field.PORT), List.of(Field.ADDRESS6, Field.PORT));
        batch.createMap(BY_ADDRESS6, List.of(Field.ADDRESS6, Field.PROTOCOL, Field.PORT), List.of(Field.ADDRESS6, Field.PORT));
        batch.createSet(REACHABLE, List.of(Field.ADDRESS, Field.PROTOCOL, Field.PORT));
        batch.createSet(REACHABLE6, List.of(Field.ADDRESS6, Field.PROTOCOL, Field.PORT));
        JUMPED_TO.forEach(batch::createChain);
        HOOKED.forEach(batch::createChain);
    }

    /** The chains of the daemon that are ours to fill. */
    static List<String> chains() {
        List<String> chains = new ArrayList<>(JUMPED_TO);
        chains.addAll(HOOKED.keySet());
        chains.remove(ADMINISTRATOR);
        return chains;
    }

    /** Those of a bridge. */
    static List<String> chains(BridgeRules bridge) {
        String link = bridge.link();
        return bridge.internal() ? List.of(chain(ENTERING, link), chain(LEAVING, link), chain(ARRIVING, link))
                : List.of(chain(ENTERING, link), chain(TRANSLATED, link), chain(RETURNING, link));
    }

    private static String chain(String map, String link) {
        return map + "-" + link;
    }

    /** The rules that are the same whatever bridges and ports there are. */
    static List<Placed> rules() {
        Rules rules = new Rules();
        // or route_localnet, without which 127.0.0.1 cannot be published, would open the host's loopback to containers
        rules.in("guard", rule().fromAnyOf(BRIDGES).destination(LOOPBACK_NETWORK, LOOPBACK_PREFIX).drop());

        rules.in("prerouting", rule().destination(LOOPBACK_NETWORK, LOOPBACK_PREFIX).returnToCaller());
        // the kernel forwards nothing from or to these: a relay answers
        rules.in("prerouting", rule().destination(LINK_LOCAL6, LINK_LOCAL6_PREFIX).returnToCaller());
        rules.in("prerouting", rule().destinationIsLocal().jump("published"));
        rules.in("output", rule().destination(LOOPBACK6, 128).returnToCaller());
        rules.in("output", rule().destination(LINK_LOCAL6, LINK_LOCAL6_PREFIX).returnToCaller());
        rules.in("output", rule().destinationIsLocal().jump("published"));
        rules.in("published", rule().rewriteByAddressAndPort(Family.IPV4, BY_ADDRESS));
        rules.in("published", rule().rewriteByPort(Family.IPV4, BY_PORT));
        rules.in("published", rule().rewriteByAddressAndPort(Family.IPV6, BY_ADDRESS6));
        rules.in("published", rule().rewriteByPort(Family.IPV6, BY_PORT6));

        rules.in("postrouting", rule().toAnyOf(BRIDGES).source(LOOPBACK_NETWORK, LOOPBACK_PREFIX).masquerade());
        rules.in("postrouting", rule().jumpByLinkTo(RETURNING));
        rules.in("postrouting", rule().jumpByLinkFrom(TRANSLATED));

        rules.in("input", rule().jumpByLinkFrom(ARRIVING));
        rules.in("forward", rule().jump(ADMINISTRATOR));
        rules.in("forward", rule().jumpByLinkFrom(LEAVING));
        rules.in("forward", rule().jumpByLinkTo(ENTERING));
        return rules.all;
    }

    static List<Placed> rules(BridgeRules bridge) {
        Rules rules = new Rules();
        if (bridge.internal()) {
            seal(rules, bridge);
        } else {
            enter(rules, bridge);
            translate(rules, bridge);
        }
        return rules.all;
    }

    /** An internal network: its containers have each other and the host's addresses in their own subnet. */
    private static void seal(Rules rules, BridgeRules bridge) {
        String link = bridge.link();
        String entering = chain(ENTERING, link);
        if (bridge.icc()) {
            rules.in(entering, rule().from(link).accept());
        }
        rules.in(entering, rule().drop());
        rules.in(chain(LEAVING, link), rule().to(link).returnToCaller());
        rules.in(chain(LEAVING, link), rule().drop());
        String arriving = chain(ARRIVING, link);
        rules.in(arriving, rule().establishedOrRelated().accept());
        rules.in(arriving, rule().neighbourDiscovery().accept());
        bridge.families().forEach(family -> rules.in(arriving,
                rule().destination(family.subnet().network().bytes(), family.subnet().prefixLength()).accept()));
        rules.in(arriving, rule().drop());
    }

    /** What comes into a bridge from elsewhere. */
    private static void enter(Rules rules, BridgeRules bridge) {
        String chain = chain(ENTERING, bridge.link());
        rules.in(chain, rule().establishedOrRelated().accept());
        rules.in(chain, rule().destinationWasRewritten().accept());
        if (bridge.icc()) {
            rules.in(chain, rule().from(bridge.link()).accept());
        }
        for (BridgeRules.Family addresses : bridge.families()) {
            Family family = Family.of(addresses.subnet().network().bytes());
            String reachable = family == Family.IPV4 ? REACHABLE : REACHABLE6;
            switch (addresses.mode()) {
                case NAT, ISOLATED -> { }
                case NAT_UNPROTECTED -> rules.in(chain, rule().family(family).fromNoneOf(BRIDGES).accept());
                case ROUTED -> {
                    rules.in(chain, rule().destinationIsIn(family, reachable).accept());
                    rules.in(chain, rule().icmp(family).accept());
                }
            }
            bridge.trustedInterfaces().forEach(
                    trusted -> rules.in(chain, rule().from(trusted).destinationIsIn(family, reachable).accept()));
        }
        rules.in(chain, rule().drop());
    }

    /** As whom containers are seen beyond their bridge. */
    private static void translate(Rules rules, BridgeRules bridge) {
        String link = bridge.link();
        for (BridgeRules.Family family : bridge.families()) {
            byte[] network = family.subnet().network().bytes();
            int prefix = family.subnet().prefixLength();
            // or the answer would go to the asking container directly, and from an address that it has not asked. Where bridges
            // pass packets to the rules (br_netfilter) there is no link here that it came by, so it is known by its source
            rules.in(chain(RETURNING, link), rule().source(network, prefix).destinationWasRewritten().masquerade());
            rules.in(chain(RETURNING, link), rule().source(network, prefix).accept());
            if (family.hidesItsContainers()) {
                NftRule rule = rule().source(network, prefix);
                rules.in(chain(TRANSLATED, link), family.source().map(source -> rule.rewriteSource(source.bytes())).orElseGet(rule::masquerade));
            }
        }
    }

    /** The elements of a bridge, by the name of their set. */
    static Map<String, List<Element>> elements(BridgeRules bridge) {
        byte[] link = NftBatch.linkName(bridge.link());
        Map<String, List<Element>> elements = new LinkedHashMap<>();
        elements.put(BRIDGES, List.of(Element.member(link)));
        for (String map : bridge.internal() ? List.of(ENTERING, LEAVING, ARRIVING) : List.of(ENTERING, TRANSLATED, RETURNING)) {
            elements.put(map, List.of(Element.jump(link, chain(map, bridge.link()))));
        }
        return elements;
    }

    /** The element that redirects. */
    static Map.Entry<String, Element> element(Redirection port) {
        boolean v4 = port.container().isV4();
        boolean everywhere = port.hostAddress().isUnspecified();
        String map = everywhere ? v4 ? BY_PORT : BY_PORT6 : v4 ? BY_ADDRESS : BY_ADDRESS6;
        byte[] key = key(everywhere ? new byte[0] : port.hostAddress().bytes(), port.protocol(), port.hostPort());
        byte[] container = port.container().bytes();
        byte[] target = ByteBuffer.allocate(container.length + 4).put(container).putShort((short) port.containerPort()).array();
        return Map.entry(map, Element.entry(key, target));
    }

    /** The element that lets somebody in who has the container's own address. */
    static Map.Entry<String, Element> opening(Redirection port) {
        byte[] key = key(port.container().bytes(), port.protocol(), port.containerPort());
        return Map.entry(port.container().isV4() ? REACHABLE : REACHABLE6, Element.member(key));
    }

    /** In registers each field starts at four bytes of its own. */
    private static byte[] key(byte[] address, int protocol, int port) {
        return ByteBuffer.allocate(address.length + 8).put(address).put((byte) protocol).position(address.length + 4)
                .putShort((short) port).array();
    }

    private static NftRule rule() {
        return new NftRule();
    }

    private static final class Rules {
        private final List<Placed> all = new ArrayList<>();

        private void in(String chain, NftRule rule) {
            all.add(new Placed(chain, rule));
        }
    }
}
