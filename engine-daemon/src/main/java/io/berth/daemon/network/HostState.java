package io.berth.daemon.network;

import io.berth.daemon.network.address.SubnetPools;
import io.berth.daemon.network.definition.NetworkNames;
import io.berth.daemon.network.firewall.ForeignRules;
import io.berth.daemon.network.firewall.RuleTable;
import io.berth.daemon.network.firewall.RuleWatch;
import io.berth.daemon.network.link.ContainerNamespace;
import io.berth.daemon.network.link.HostLinks;
import io.berth.daemon.network.link.NetworkThread;
import io.berth.daemon.network.port.PublishedPorts;
import io.berth.daemon.network.sandbox.Endpoint;
import io.berth.daemon.network.sandbox.Sandbox;
import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.namespace.NetworkNamespacePool;
import io.berth.linux.netlink.NetlinkSocket;
import io.berth.linux.netlink.RouteReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything that the network's thread works with: sockets into the kernel, and what is known of the host. On that thread alone. */
final class HostState implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HostState.class);
    private static final Path MACHINE_ID = Path.of("/etc/machine-id");
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

    private final Kernel kernel;
    private final NetworkThread thread;
    private final NetlinkSocket routes;
    private final NetlinkSocket netfilter;
    private final HostLinks links;
    private final SubnetPools pools;
    private final RuleTable table;
    private final EventLoop events;
    private final RuleWatch watch;
    private final PublishedPorts published;
    private final LiveNetworks networks;
    private final Connections connections;

    HostState(Kernel kernel, NetworkNames names, NetworkRegistry registry, NetworkSettings settings, NetworkNamespacePool namespaces,
            NetworkThread thread) {
        this.kernel = kernel;
        this.thread = thread;
        routes = NetlinkSocket.route(kernel);
        netfilter = NetlinkSocket.netfilter(kernel);
        links = new HostLinks(kernel, routes, names);
        pools = SubnetPools.of(settings.pools(), host() + names.table());
        table = new RuleTable(netfilter, names.table());
        events = new EventLoop(kernel, (loop, failure) -> LOG.warn("cannot go on with a relay or the watch over the rules", failure));
        watch = new RuleWatch(kernel, table, events, () -> thread.later("restore the rules", () -> restore(names)));
        published = new PublishedPorts(kernel, table, netfilter, events, thread::later, settings.relays());
        networks = new LiveNetworks(registry, links, table, pools, settings);
        connections = new Connections(kernel, networks, namespaces, published);
        Thread.ofPlatform().name("berth-network-events").daemon().start(events);
    }

    /** What tells this host from others; its name where nothing better is known. */
    private static String host() {
        try {
            return Files.readString(Files.exists(MACHINE_ID) ? MACHINE_ID : HOST_NAME).strip();
        } catch (IOException unreadable) {
            throw new UncheckedIOException("cannot read what tells this host from others", unreadable);
        }
    }

    private void restore(NetworkNames names) {
        if (table.restore()) {
            LOG.warn("something else on this host removed rules of table {}; they are back", names.table());
        }
    }

    /** What other tools' rules do to our bridges, in words for {@code docker info}. */
    List<String> warnings() {
        return ForeignRules.warnings(kernel, netfilter, links.names().table(), table.links());
    }

    HostLinks links() {
        return links;
    }

    SubnetPools pools() {
        return pools;
    }

    LiveNetworks networks() {
        return networks;
    }

    Connections connections() {
        return connections;
    }

    /** What could not be had, in words for the log. */
    List<String> reconcile(List<Sandbox> live, Function<String, Optional<Fd>> namespaces) {
        List<Sandbox> placed = live.stream().filter(sandbox -> sandbox.endpoints().stream().anyMatch(endpoint -> endpoint.place().isPresent())).toList();
        if (placed.isEmpty() && networks.isNothingThere()) {
            table.remove();
        } else {
            networks.openRules();
        }
        List<String> complaints = connections.takeOver(placed);
        Set<String> expected = placed.stream().flatMap(sandbox -> sandbox.endpoints().stream()).map(Endpoint::id).map(links.names()::hostEnd)
                .collect(Collectors.toSet());
        List<RouteReader.Link> lost = links.all().stream().filter(link -> networks.isOrphan(link)
                || link.name().startsWith(links.names().hostEndPrefix()) && !expected.contains(link.name())).toList();
        lost.forEach(link -> thread.later("remove an orphaned link", () -> links.delete(link.index())));
        if (!lost.isEmpty()) {
            placed.forEach(sandbox -> thread.later("lead the default routes of container " + sandbox.containerId() + " through its links",
                    () -> namespaces.apply(sandbox.containerId()).ifPresent(handle -> routeAgain(sandbox, handle))));
        }
        return complaints;
    }

    private void routeAgain(Sandbox sandbox, Fd handle) {
        try (handle; ContainerNamespace container = ContainerNamespace.enter(links.kernel(), handle)) {
            connections.routeAgain(sandbox, container);
        }
    }

    void removeAll() {
        published.close();
        table.remove();
        networks.forgetDevices();
    }

    /** The host keeps what is there. */
    @Override
    public void close() {
        published.close();
        watch.close();
        events.stop();
        routes.close();
        netfilter.close();
    }
}
