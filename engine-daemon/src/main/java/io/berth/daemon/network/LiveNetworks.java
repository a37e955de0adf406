package io.berth.daemon.network;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.address.Subnet;
import io.berth.daemon.network.address.SubnetPools;
import io.berth.daemon.network.definition.AddressRange;
import io.berth.daemon.network.definition.Driver;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.definition.NetworkId;
import io.berth.daemon.network.definition.NetworkKind;
import io.berth.daemon.network.firewall.RuleTable;
import io.berth.daemon.network.link.HostLinks;
import io.berth.linux.kernel.Argument;
import io.berth.linux.kernel.Fd;
import io.berth.linux.kernel.SystemCall;
import io.berth.linux.namespace.NetworkNamespace;
import io.berth.linux.netlink.RouteBatch;
import io.berth.linux.netlink.RouteReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The networks' devices and rules on the host: made when they are needed, found again, removed. On the network's thread alone. */
final class LiveNetworks {

    private static final Logger LOG = LoggerFactory.getLogger(LiveNetworks.class);
    /** LOCK_EX and LOCK_NB of sys/file.h. */
    private static final int LOCK_AT_ONCE = 2 | 4;
    /** Instances have it for some milliseconds. */
    private static final long LOCK_PATIENCE = TimeUnit.SECONDS.toNanos(1);
    private static final long LOCK_PAUSE = TimeUnit.MILLISECONDS.toNanos(2);

    private final NetworkRegistry registry;
    private final HostLinks links;
    private final RuleTable table;
    private final SubnetPools pools;
    private final NetworkSettings settings;
    private final Map<NetworkId, LiveNetwork> live = new LinkedHashMap<>();
    private final Set<NetworkId> ruled = new HashSet<>();
    private final Set<NetworkId> prepared = new HashSet<>();

    LiveNetworks(NetworkRegistry registry, HostLinks links, RuleTable table, SubnetPools pools, NetworkSettings settings) {
        this.registry = registry;
        this.links = links;
        this.table = table;
        this.pools = pools;
        this.settings = settings;
    }

    /** With rules and device on the host. */
    LiveNetwork prepared(NetworkId id) {
        return isDefault(id) && !live.containsKey(id) ? alone(() -> prepare(withRange())) : prepare(known(id));
    }

    private boolean isDefault(NetworkId id) {
        return id.equals(links.names().id(NetworkKind.BRIDGE));
    }

    private LiveNetwork prepare(LiveNetwork network) {
        NetworkId id = network.definition().id();
        if (!prepared.contains(id)) {
            // before the device, or what comes first would meet no rules
            if (!ruled.contains(id)) {
                network.rules().ifPresent(table::open);
                ruled.add(id);
            }
            network.host().prepare();
            prepared.add(id);
        }
        return network;
    }

    /** What is known of it here. */
    LiveNetwork known(NetworkId id) {
        if (isDefault(id) && !live.containsKey(id)) {
            return alone(this::withRange);
        }
        return live.computeIfAbsent(id, key -> LiveNetwork.of(links, registry.get(key), settings.forwards()));
    }

    boolean exists(NetworkId id) {
        return registry.find(id).isPresent();
    }

    Optional<LiveNetwork> find(NetworkId id) {
        return Optional.ofNullable(live.get(id));
    }

    /** The predefined bridge keeps the subnet that it has. */
    private LiveNetwork withRange() {
        NetworkDefinition shown = registry.get(links.names().id(NetworkKind.BRIDGE));
        List<AddressRange> ranges = new ArrayList<>(List.of(range(IpFamily.V4, settings.bridgeRange())));
        if (settings.bridgeIpv6()) {
            ranges.add(range(IpFamily.V6, settings.bridgeRangeV6()));
        } else {
            removeAddresses(IpFamily.V6, Optional.empty()); // of a daemon before this one that had it
        }
        NetworkDefinition definition = Predefined.bridge(links.names(), shown.created(), settings, ranges);
        registry.show(definition);
        LiveNetwork network = LiveNetwork.of(links, definition, settings.forwards());
        live.put(definition.id(), network);
        return network;
    }

    private AddressRange range(IpFamily family, Optional<AddressRange> wanted) {
        return wanted.map(this::onlyRange).or(() -> rangeOfDevice(family)).orElseGet(() -> freeRange(family));
    }

    private Optional<AddressRange> rangeOfDevice(IpFamily family) {
        return addressesOfDevice(family).stream().findFirst().map(address -> {
            IpAddress gateway = IpAddress.of(address.address());
            return AddressRange.of(Subnet.around(gateway, address.prefixLength()), gateway);
        });
    }

    /** But for those that every link has on IPv6. */
    private List<RouteReader.Address> addressesOfDevice(IpFamily family) {
        return links.find(links.names().bridge()).map(link -> links.addresses(link.index()).stream().filter(address -> {
            IpAddress known = IpAddress.of(address.address());
            return known.family() == family && (known.isV4() || !known.isLinkLocal());
        }).toList()).orElse(List.of());
    }

    /** The administrator has changed his mind since the bridge was made. */
    private AddressRange onlyRange(AddressRange wanted) {
        removeAddresses(wanted.subnet().family(), wanted.gateway());
        return wanted;
    }

    private void removeAddresses(IpFamily family, Optional<IpAddress> but) {
        for (RouteReader.Address address : addressesOfDevice(family)) {
            if (!but.equals(Optional.of(IpAddress.of(address.address())))) {
                new RouteBatch().removeAddress(address.link(), address.address(), address.prefixLength()).send(links.routes());
            }
        }
    }

    private AddressRange freeRange(IpFamily family) {
        List<Subnet> taken = new ArrayList<>(links.routedSubnets());
        registry.list().stream().filter(network -> !network.isPredefined()).forEach(network ->
                network.ranges(family).forEach(range -> taken.add(range.subnet())));
        Subnet subnet = pools.firstFree(family, taken);
        return AddressRange.of(subnet, subnet.network().plus(1));
    }

    /**
     * Instances that choose subnets at once would choose the same, so they do it one after the other. What they share is this
     * network namespace, and a lock on it is the kernel's to release should its holder die. Anybody in it may have that lock,
     * a container of the host's network too, for as long as he likes: what waits here keeps all others from their networks, so
     * it does not wait long.
     */
    <T> T alone(Supplier<T> work) {
        try (Fd namespace = NetworkNamespace.current(links.kernel())) {
            if (!isLocked(namespace)) {
                LOG.warn("another process on this host has locked its network namespace for more than a second: a subnet is chosen without the lock");
            }
            return work.get();
        }
    }

    private boolean isLocked(Fd namespace) {
        long deadline = System.nanoTime() + LOCK_PATIENCE;
        while (links.kernel().attempt(SystemCall.FLOCK, namespace, Argument.of(LOCK_AT_ONCE)) != 0) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            LockSupport.parkNanos(LOCK_PAUSE);
        }
        return true;
    }

    /** All bridges that there are or may be: the rules of one without a device match nothing. */
    void openRules() {
        if (links.find(links.names().bridge()).isPresent()) {
            known(links.names().id(NetworkKind.BRIDGE));
        }
        List<LiveNetwork> all = withLinks().map(definition -> known(definition.id())).toList();
        table.openOnly(all.stream().flatMap(network -> network.rules().stream()).toList());
        all.forEach(network -> ruled.add(network.definition().id()));
    }

    /** The user-defined ones and, once it has its subnet, the predefined bridge. */
    private Stream<NetworkDefinition> withLinks() {
        return registry.list().stream().filter(network -> hasLinks(network) && (!network.isPredefined() || live.containsKey(network.id())));
    }

    static boolean hasLinks(NetworkDefinition network) {
        return !network.template() && network.driver() != Driver.HOST && network.driver() != Driver.NONE;
    }

    boolean isNothingThere() {
        return registry.list().stream().noneMatch(network -> hasLinks(network) && !network.isPredefined())
                && links.find(links.names().bridge()).isEmpty();
    }

    /** Those that want a device; the predefined bridge has its own when this returns. */
    List<NetworkId> wanted() {
        prepared(links.names().id(NetworkKind.BRIDGE));
        return withLinks().map(NetworkDefinition::id).toList();
    }

    /** The device of a network, if it is one still; when it cannot be made, why, in words for the log. */
    Optional<String> complaint(NetworkId id) {
        Optional<NetworkDefinition> network = registry.find(id);
        try {
            network.ifPresent(present -> prepared(id));
            return Optional.empty();
        } catch (RuntimeException refusal) {
            return network.map(present -> "network " + present.name() + " cannot be made again: " + refusal.getMessage());
        }
    }

    /** The rules first: then nothing goes in or out of what is still there. */
    void remove(NetworkDefinition network) {
        if (hasLinks(network)) {
            LiveNetwork gone = known(network.id());
            gone.rules().ifPresent(rules -> table.close(rules.link()));
            gone.host().remove();
        }
        forget(network.id());
    }

    private void forget(NetworkId id) {
        live.remove(id);
        ruled.remove(id);
        prepared.remove(id);
    }

    /** For an instance that ends: the networks are made again when they are needed. Their rules are gone already. */
    void forgetDevices() {
        if (links.find(links.names().bridge()).isPresent()) {
            known(links.names().id(NetworkKind.BRIDGE));
        }
        withLinks().toList().forEach(network -> {
            known(network.id()).host().remove();
            forget(network.id());
        });
    }

    /** Whether a link carries the mark of a network which is none any more. */
    boolean isOrphan(RouteReader.Link link) {
        return links.markedFor(link).filter(id -> registry.find(id).isEmpty()).isPresent();
    }

    void requireLinks(NetworkDefinition network) {
        if (!hasLinks(network)) {
            throw new NetworkException(NetworkException.Kind.INVALID, "container cannot be connected to network " + network.name()
                    + " beside others");
        }
    }
}
