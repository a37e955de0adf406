package io.berth.daemon.network.port;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.firewall.Redirection;
import io.berth.daemon.network.firewall.RuleTable;
import io.berth.linux.keeper.loop.EventLoop;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.netlink.Conntrack;
import io.berth.linux.netlink.NetlinkSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/**
 * Publishes containers' ports: takes the host's ports ({@link HostPorts}), redirects what arrives there ({@link RuleTable}),
 * relays what cannot be redirected ({@link Relay}), and forgets the connections that would go on as they were before. All on one
 * thread, that of the networks.
 */
public final class PublishedPorts implements AutoCloseable {

    private final HostPorts hostPorts;
    private final RuleTable table;
    private final Relay relay;
    private final NetlinkSocket netfilter;
    private final BiConsumer<String, Runnable> later;
    private final boolean relays;

    /**
     * Changes nothing yet.
     *
     * @param loop  where relays run; its thread is in the host's network namespace
     * @param later does work after all that was asked for before, for what nobody waits for; with its purpose in words
     * @param relays whether relays answer where the kernel cannot redirect; otherwise nobody does
     */
    public PublishedPorts(Kernel kernel, RuleTable table, NetlinkSocket netfilter, EventLoop loop, BiConsumer<String, Runnable> later,
            boolean relays) {
        this.hostPorts = new HostPorts(kernel, relays);
        this.table = table;
        this.relay = new Relay(kernel, loop);
        this.netfilter = netfilter;
        this.later = later;
        this.relays = relays;
    }

    /**
     * Publishes all of them or none; they answer when this returns.
     *
     * @return in the order of the bindings, those with a number first; a binding for all addresses is one of IPv4 and one of IPv6
     * @throws io.berth.daemon.network.address.NetworkException in the reference's words when one is not to be had
     */
    public List<PublishedPort> publish(List<PortBinding> bindings, PortTarget target) {
        if (bindings.isEmpty()) {
            return List.of();
        }
        List<PublishedPort> ports = hostPorts.take(bindings, target);
        try {
            List<Redirection> redirections = redirections(ports, target);
            if (!redirections.isEmpty()) {
                table.publish(redirections);
            }
            hostPorts.guard(ports, target);
            openRelays(ports, target);
        } catch (RuntimeException failure) {
            remove(ports, target);
            throw failure;
        }
        // a client that has tried the port too early would not be redirected for as long as it goes on trying
        ports.stream().filter(PublishedPorts::keepsConnections).filter(PublishedPort::isOnTheHost)
                .map(port -> new HostPort(port.protocol(), port.hostPort())).distinct().forEach(port -> later.accept(
                        "forget the connections to a port",
                        () -> Conntrack.forgetConnectionsToPort(netfilter, port.protocol().number(), port.number())));
        return ports;
    }

    /** On whatever address. */
    private record HostPort(TransportProtocol protocol, int number) {
    }

    /** Ends what {@link #publish} began, once: their places are free when this returns, and somebody else may have them. */
    public void withdraw(List<PublishedPort> ports, PortTarget target) {
        if (ports.isEmpty()) {
            return;
        }
        remove(ports, target);
        if (ports.stream().anyMatch(PublishedPorts::keepsConnections)) {
            // whoever gets the address next comes after this
            addresses(target).forEach(address -> later.accept("forget the connections of " + address,
                    () -> Conntrack.forgetConnectionsTo(netfilter, address.bytes())));
        }
    }

    /**
     * Leads a container's ports elsewhere, because another of its endpoints has its default route now. They keep their numbers
     * on the host where that is possible.
     *
     * @throws io.berth.daemon.network.address.NetworkException and everything is as it was
     */
    public List<PublishedPort> move(List<PublishedPort> ports, List<PortBinding> bindings, PortTarget from, PortTarget to) {
        withdraw(ports, from);
        try {
            return publish(numbered(bindings, ports), to);
        } catch (RuntimeException failure) {
            try {
                publish(ports.stream().filter(PublishedPort::isOnTheHost).map(PublishedPorts::binding).toList(), from);
            } catch (RuntimeException again) {
                failure.addSuppressed(again);
            }
            throw failure;
        }
    }

    /** The bindings with the numbers that they got before, where they left them to us. */
    private static List<PortBinding> numbered(List<PortBinding> bindings, List<PublishedPort> ports) {
        List<PublishedPort> unused = new ArrayList<>(ports.stream().filter(PublishedPort::isOnTheHost).toList());
        return bindings.stream().map(binding -> {
            Optional<PublishedPort> former = unused.stream().filter(port -> isOf(port, binding)).findFirst();
            former.ifPresent(port -> unused.removeIf(other -> other.hostPort() == port.hostPort() && isOf(other, binding)));
            return former.map(port -> new PortBinding(binding.protocol(), binding.containerPort(), binding.hostAddress(), port.hostPort(),
                    port.hostPort())).orElse(binding);
        }).toList();
    }

    private static boolean isOf(PublishedPort port, PortBinding binding) {
        boolean number = binding.leavesThePortToUs()
                || port.hostPort() >= binding.firstHostPort() && port.hostPort() <= binding.lastHostPort();
        return number && port.protocol() == binding.protocol() && port.containerPort() == binding.containerPort()
                && binding.hostAddress().map(port.hostAddress()::equals).orElse(port.hostAddress().isUnspecified());
    }

    private static PortBinding binding(PublishedPort port) {
        return PortBinding.of(port.protocol(), port.containerPort(), port.hostAddress(), port.hostPort());
    }

    /**
     * After a start of the daemon, and after {@link RuleTable#openOnly}: these are published, and no others. Connections go on.
     *
     * @return what could not be had, in words for the log
     */
    public List<String> takeOver(Map<PortTarget, List<PublishedPort>> live) {
        List<Redirection> redirections = new ArrayList<>();
        List<String> complaints = new ArrayList<>();
        live.forEach((target, ports) -> redirections.addAll(redirections(ports, target)));
        table.publishOnly(redirections);
        live.forEach((target, ports) -> {
            for (PublishedPort port : ports) {
                if (!hostPorts.takeAgain(port, target)) {
                    complaints.add("port " + port.hostPort() + "/" + port.protocol() + " is published, but cannot be held on the host any"
                            + " more: while the daemon was away another process has bound it, or its address went. Packets go to the container");
                }
            }
            openRelays(ports, target);
        });
        return complaints;
    }

    private void remove(List<PublishedPort> ports, PortTarget target) {
        ports.forEach(relay::close);
        hostPorts.release(ports);
        List<Redirection> redirections = redirections(ports, target);
        if (!redirections.isEmpty()) {
            table.withdraw(redirections);
        }
    }

    private void openRelays(List<PublishedPort> ports, PortTarget target) {
        ports.stream().filter(port -> relays && Relay.isNeeded(port, target)).forEach(port -> hostPorts.socket(port).ifPresent(socket ->
                target.reachedBy(port.hostAddress().family()).ifPresent(container -> relay.open(port, socket, container))));
    }

    /** What the kernel can carry out by itself. */
    private static List<Redirection> redirections(List<PublishedPort> ports, PortTarget target) {
        return ports.stream().filter(port -> port.hostAddress().isV4() || !port.hostAddress().isLoopback() && !port.hostAddress().isLinkLocal())
                .flatMap(port -> target.of(port.hostAddress().family()).map(destination -> new Redirection(port.protocol().number(),
                        port.hostAddress(), port.hostPort(), destination.address(), port.containerPort())).stream()).toList();
    }

    private static List<IpAddress> addresses(PortTarget target) {
        return Stream.of(target.ipv4(), target.ipv6()).flatMap(Optional::stream).map(PortTarget.Destination::address).toList();
    }

    /** A tcp client notices that its peer is gone, and a new connection is a new entry; the others go on as they were sent. */
    private static boolean keepsConnections(PublishedPort port) {
        return port.protocol() != TransportProtocol.TCP;
    }

    /** Lets go of the host's ports and ends the relays; what the kernel redirects goes on. */
    @Override
    public void close() {
        relay.close();
        hostPorts.close();
    }
}
