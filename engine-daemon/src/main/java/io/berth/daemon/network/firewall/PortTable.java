package io.berth.daemon.network.firewall;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.Subnet;
import io.berth.daemon.network.port.PublishedPort;
import io.berth.linux.kernel.Errno;
import io.berth.linux.netlink.NetlinkException;
import io.berth.linux.netlink.NetlinkSocket;
import io.berth.linux.netlink.NftBatch.Element;
import io.berth.linux.netlink.NftBatch.Field;
import io.berth.linux.netlink.NftBatch.Hook;
import io.berth.linux.netlink.NftBatch;
import io.berth.linux.netlink.NftRule;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The instance's nf_tables table. Its rules never change while the bridge is there; a published port is an element of one
 * of two maps, found in constant time however many there are.
 *
 * <pre>
 * map by-port    { protocol . port           : container's address . port }   published on all of the host's addresses
 * map by-address { address . protocol . port : container's address . port }   published on one
 * </pre>
 *
 * <p><b>What it lets through.</b> Packets to a local address of the host are redirected by the maps, those of the host
 * itself too (127.0.0.1 included: route_localnet is set on the bridge). Into the bridge go only redirected connections and
 * answers; out of it everything goes. So a container's address cannot be reached by routing to it, and a port published
 * on 127.0.0.1 answers the host alone: for packets from outside the redirection passes over 127.0.0.0/8, and what comes
 * out of the bridge for it is dropped, or route_localnet would open the host's own loopback servers to containers.
 * The source of a connection from elsewhere stays as it is. It becomes the bridge's address in two cases where the answer
 * would not come back through here: from 127.0.0.1, and from a container of the same bridge.
 *
 * <p><b>No owner.</b> NFT_TABLE_F_OWNER would keep other tools from flushing the table, but removes it when the owner's
 * socket closes: a killed daemon would cut off every published port. The flag that parts the two (PERSIST) needs Linux 6.9.
 */
public final class PortTable {

    private static final String BY_PORT = "by-port";
    private static final String BY_ADDRESS = "by-address";
    private static final byte[] LOOPBACK_NETWORK = {127, 0, 0, 0};
    private static final int LOOPBACK_PREFIX = 8;
    private static final List<Field> TARGET = List.of(Field.ADDRESS, Field.PORT);

    private final NetlinkSocket netfilter;
    private final String table;

    public PortTable(NetlinkSocket netfilter, String table) {
        this.netfilter = netfilter;
        this.table = table;
    }

    /** Makes the table, or brings the one that is there to this form at one instant; the published ports stay. */
    public void create(String bridge, Subnet subnet) {
        NftBatch batch = new NftBatch(table).createTable()
                .createMap(BY_PORT, List.of(Field.PROTOCOL, Field.PORT), TARGET)
                .createMap(BY_ADDRESS, List.of(Field.ADDRESS, Field.PROTOCOL, Field.PORT), TARGET)
                .createChain("guard", Hook.PREROUTING_RAW).createChain("published")
                .createChain("prerouting", Hook.PREROUTING_NAT).createChain("output", Hook.OUTPUT_NAT)
                .createChain("postrouting", Hook.POSTROUTING_NAT).createChain("forward", Hook.FORWARD_FILTER);
        List.of("guard", "published", "prerouting", "output", "postrouting", "forward").forEach(batch::flush);
        redirect(batch, bridge);
        masquerade(batch, bridge, subnet);
        filter(batch, bridge);
        batch.send(netfilter);
    }

    private static void redirect(NftBatch batch, String bridge) {
        batch.append("guard", new NftRule().from(bridge).destination(LOOPBACK_NETWORK, LOOPBACK_PREFIX).drop());
        batch.append("published", new NftRule().rewriteByAddressAndPort(BY_ADDRESS));
        batch.append("published", new NftRule().rewriteByPort(BY_PORT));
        batch.append("prerouting", new NftRule().destination(LOOPBACK_NETWORK, LOOPBACK_PREFIX).returnToCaller());
        batch.append("prerouting", new NftRule().destinationIsLocal().jump("published"));
        batch.append("output", new NftRule().destinationIsLocal().jump("published"));
    }

    private static void masquerade(NftBatch batch, String bridge, Subnet subnet) {
        byte[] network = subnet.network().bytes();
        int prefix = subnet.prefixLength();
        batch.append("postrouting", new NftRule().to(bridge).source(LOOPBACK_NETWORK, LOOPBACK_PREFIX).masquerade());
        batch.append("postrouting", new NftRule().to(bridge).source(network, prefix).destinationWasRewritten().masquerade());
        batch.append("postrouting", new NftRule().notTo(bridge).source(network, prefix).masquerade());
    }

    private static void filter(NftBatch batch, String bridge) {
        batch.append("forward", new NftRule().to(bridge).establishedOrRelated().accept());
        batch.append("forward", new NftRule().to(bridge).destinationWasRewritten().accept());
        batch.append("forward", new NftRule().from(bridge).accept());
        batch.append("forward", new NftRule().to(bridge).drop());
    }

    public void delete() {
        // creating what may be there already makes deleting it safe, in one transaction
        new NftBatch(table).createTable().deleteTable().send(netfilter);
    }

    public void publish(IpAddress container, Collection<PublishedPort> ports) {
        new NftBatch(table).add(BY_PORT, elements(BY_PORT, container, ports))
                .add(BY_ADDRESS, elements(BY_ADDRESS, container, ports)).send(netfilter);
    }

    /** What another tool has removed already is no error. */
    public void withdraw(IpAddress container, Collection<PublishedPort> ports) {
        try {
            new NftBatch(table).delete(BY_PORT, elements(BY_PORT, container, ports))
                    .delete(BY_ADDRESS, elements(BY_ADDRESS, container, ports)).send(netfilter);
        } catch (NetlinkException failure) {
            if (failure.errno() != Errno.ENOENT) {
                throw failure;
            }
            withdrawWhatIsLeft(container, ports);
        }
    }

    private void withdrawWhatIsLeft(IpAddress container, Collection<PublishedPort> ports) {
        NftBatch batch = new NftBatch(table);
        for (String map : List.of(BY_PORT, BY_ADDRESS)) {
            List<Element> left = new ArrayList<>(NftBatch.elements(netfilter, table, map));
            left.retainAll(elements(map, container, ports));
            batch.delete(map, left);
        }
        batch.send(netfilter);
    }

    /** Makes these the only ports published, at one instant; the ones that are right already are not touched. */
    public void publishOnly(Map<IpAddress, List<PublishedPort>> ports) {
        NftBatch batch = new NftBatch(table);
        for (String map : List.of(BY_PORT, BY_ADDRESS)) {
            Set<Element> wanted = new HashSet<>();
            ports.forEach((container, published) -> wanted.addAll(elements(map, container, published)));
            Set<Element> present = new HashSet<>(NftBatch.elements(netfilter, table, map));
            batch.delete(map, present.stream().filter(element -> !wanted.contains(element)).toList());
            batch.add(map, wanted.stream().filter(element -> !present.contains(element)).toList());
        }
        batch.send(netfilter);
    }

    private static List<Element> elements(String map, IpAddress container, Collection<PublishedPort> ports) {
        List<Element> elements = new ArrayList<>();
        for (PublishedPort port : ports) {
            boolean everywhere = port.hostAddress().equals(IpAddress.ANY);
            if (everywhere == map.equals(BY_PORT)) {
                elements.add(new Element(key(port, everywhere), target(container, port.containerPort())));
            }
        }
        return elements;
    }

    /** In registers each field starts at four bytes of its own. */
    private static byte[] key(PublishedPort port, boolean everywhere) {
        ByteBuffer key = ByteBuffer.allocate(everywhere ? 8 : 12);
        if (!everywhere) {
            key.put(port.hostAddress().bytes());
        }
        return key.put((byte) port.protocol().number()).position(key.position() + 3).putShort((short) port.hostPort()).array();
    }

    private static byte[] target(IpAddress container, int port) {
        return ByteBuffer.allocate(8).put(container.bytes()).putShort((short) port).array();
    }
}
