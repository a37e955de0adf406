package io.berth.daemon.network.definition;

import io.berth.daemon.network.address.AddressPool;
import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.address.NetworkException.Kind;
import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.address.Subnet;
import io.berth.daemon.network.address.SubnetPools;
import io.berth.daemon.network.firewall.GatewayMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Makes a definition out of a request, beside the networks that are there: what is refused is refused here, in the
 * reference's words, before anything is made.
 *
 * @param existing all networks, the predefined ones among them
 * @param pools    for families whose subnet nobody names
 * @param routed   subnets that the host routes to; those of the pools avoid them. Asked only when one is needed
 */
public record NetworkCreation(Collection<NetworkDefinition> existing, SubnetPools pools, Supplier<List<Subnet>> routed) {

    /** @throws NetworkException with the reference's words */
    public NetworkDefinition define(NetworkRequest request, NetworkId id, Instant now) {
        checkName(request.name());
        Driver driver = request.template() ? Driver.NONE : driver(request.driver());
        if (existing.stream().anyMatch(network -> network.name().equals(request.name()))) {
            throw new NetworkException(Kind.CONFLICT, "network with name " + request.name() + " already exists");
        }
        NetworkRequest wanted = request.madeAfter().isEmpty() ? request : afterTemplate(request);
        boolean ipv4 = wanted.ipv4().orElse(flag(wanted, BridgeOptions.ENABLE_IPV4, true));
        boolean ipv6 = wanted.ipv6().orElse(flag(wanted, BridgeOptions.ENABLE_IPV6, false));
        if (!ipv4 && !ipv6) {
            throw new NetworkException(Kind.INVALID, "IPv4 or IPv6 must be enabled");
        }
        checkIpam(wanted.ipam());
        List<AddressRange> asked = RequestedRanges.read(wanted.ipam().ranges());
        NetworkDefinition definition = new NetworkDefinition(id, request.name(), driver, now, ipv4, ipv6, request.internal(),
                request.attachable(), request.template(), Optional.of(request.madeAfter()).filter(name -> !name.isEmpty()), asked,
                wanted.ipam().options(), wanted.options(), wanted.labels());
        if (definition.template()) {
            return definition;
        }
        checkOptions(definition);
        return definition.with(ranges(definition, asked));
    }

    private static void checkName(String name) {
        if (name.isBlank()) {
            throw new NetworkException(Kind.INVALID, "invalid name: name is empty");
        }
        if (NetworkKind.named(name).isPresent() || name.equals("default")) {
            throw new NetworkException(Kind.FORBIDDEN, "operation is not permitted on predefined " + name + " network ");
        }
    }

    private static Driver driver(String name) {
        Driver driver = Driver.named(name.isEmpty() ? Driver.BRIDGE.toString() : name)
                .orElseThrow(() -> new NetworkException(Kind.NOT_FOUND, "plugin \"" + name + "\" not found"));
        if (driver == Driver.HOST || driver == Driver.NONE) {
            throw new NetworkException(Kind.FORBIDDEN, "only one instance of \"" + driver + "\" network is allowed");
        }
        return driver;
    }

    private NetworkRequest afterTemplate(NetworkRequest request) {
        NetworkDefinition template = existing.stream().filter(NetworkDefinition::template)
                .filter(network -> network.name().equals(request.madeAfter())).findFirst()
                .orElseThrow(() -> new NetworkException(Kind.NOT_FOUND, "configuration network \"" + request.madeAfter() + "\" does not exist"));
        if (!request.ipam().ranges().isEmpty()) {
            throw new NetworkException(Kind.FORBIDDEN, "user specified configurations are not supported if the network depends on a configuration network");
        }
        if (!request.options().isEmpty()) {
            throw new NetworkException(Kind.FORBIDDEN, "network driver options are not supported if the network depends on a configuration network");
        }
        Map<String, String> labels = new TreeMap<>(template.labels());
        labels.putAll(request.labels());
        List<NetworkRequest.Range> ranges = template.ranges().stream().map(NetworkCreation::request).toList();
        return new NetworkRequest(request.name(), request.driver(), Optional.of(template.ipv4()), Optional.of(template.ipv6()), request.internal(),
                request.attachable(), false, request.madeAfter(), new NetworkRequest.Ipam("", ranges, template.ipamOptions()), template.options(), labels);
    }

    private static NetworkRequest.Range request(AddressRange range) {
        Map<String, String> auxiliary = new TreeMap<>();
        range.auxiliary().forEach((name, address) -> auxiliary.put(name, address.toString()));
        return new NetworkRequest.Range(range.subnet().toString(), range.range().map(Subnet::toString).orElse(""),
                range.gateway().map(IpAddress::toString).orElse(""), auxiliary);
    }

    private static boolean flag(NetworkRequest request, String option, boolean otherwise) {
        return new Options(request.options()).flag(option, otherwise);
    }

    private static void checkIpam(NetworkRequest.Ipam ipam) {
        if (!ipam.driver().isEmpty() && !ipam.driver().equals("default")) {
            throw new NetworkException(Kind.NOT_FOUND, "plugin \"" + ipam.driver() + "\" not found");
        }
    }

    private void checkOptions(NetworkDefinition definition) {
        if (definition.driver() == Driver.BRIDGE) {
            Optional<String> name = BridgeOptions.of(definition.options(), definition.internal()).name();
            existing.stream().filter(other -> other.driver() == Driver.BRIDGE && name.isPresent() && bridgeName(other).equals(name)).findFirst()
                    .ifPresent(other -> {
                        throw new NetworkException(Kind.FORBIDDEN, "cannot create network " + definition.id() + " (" + name.get()
                                + "): conflicts with network " + other.id() + " (" + name.get() + "): networks have same bridge name");
                    });
        } else {
            checkParent(definition, ParentOptions.of(definition.driver(), definition.options()));
        }
    }

    private static Optional<String> bridgeName(NetworkDefinition network) {
        return Optional.ofNullable(network.options().get(BridgeOptions.NAME)).filter(name -> !name.isEmpty());
    }

    /** A link in passthru mode has its parent for itself. */
    private void checkParent(NetworkDefinition definition, ParentOptions wanted) {
        for (NetworkDefinition other : existing) {
            if (other.driver() == definition.driver() && wanted.parent().isPresent()) {
                ParentOptions options = ParentOptions.of(other.driver(), other.options());
                boolean alone = wanted.mode().equals(ParentOptions.PASSTHRU) || options.mode().equals(ParentOptions.PASSTHRU);
                if (alone && options.parent().equals(wanted.parent())) {
                    throw new NetworkException(Kind.UNAVAILABLE, "cannot use mode " + wanted.mode() + ", " + definition.driver() + " network "
                            + other.id() + " is already using parent interface " + wanted.parent().get());
                }
            }
        }
    }

    private List<AddressRange> ranges(NetworkDefinition definition, List<AddressRange> asked) {
        List<AddressRange> ranges = new ArrayList<>();
        List<Subnet> own = new ArrayList<>(existing.stream().flatMap(network -> Stream.of(IpFamily.values()).flatMap(family -> network.ranges(family).stream()))
                .map(AddressRange::subnet).toList());
        for (AddressRange range : asked) {
            boolean used = definition.has(range.subnet().family());
            if (used && own.stream().anyMatch(range.subnet()::overlaps)) {
                throw new NetworkException(Kind.FORBIDDEN, "invalid pool request: Pool overlaps with other one on this address space");
            }
            own.add(range.subnet());
            ranges.add(used ? completed(definition, range) : range);
        }
        for (IpFamily family : IpFamily.values()) {
            long count = asked.stream().filter(range -> range.subnet().family() == family).count();
            if (definition.has(family) && count > 1 && definition.driver() == Driver.BRIDGE) {
                throw new NetworkException(Kind.FORBIDDEN, "bridge driver doesn't support multiple subnets");
            }
            if (definition.has(family) && count == 0) {
                List<Subnet> taken = new ArrayList<>(own);
                taken.addAll(routed.get());
                Subnet free = pools.firstFree(family, taken);
                own.add(free);
                ranges.add(completed(definition, new AddressRange(free, Optional.empty(), Optional.empty(), Map.of(), false, false)));
            }
        }
        return ranges;
    }

    /** With a gateway, where the network has one, and with everything in it that is not to be given out free for it. */
    private static AddressRange completed(NetworkDefinition definition, AddressRange range) {
        AddressPool pool = new AddressPool(range.subnet(), range.range());
        Optional<IpAddress> gateway = range.gateway().isPresent() || hasGateway(definition, range.subnet().family())
                ? Optional.of(gateway(range, pool)) : Optional.empty();
        range.auxiliary().entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(entry -> {
            if (!pool.take(entry.getValue())) {
                throw new NetworkException(Kind.UNAVAILABLE, "failed to allocate secondary ip address (" + entry.getKey() + ":" + entry.getValue()
                        + "): Address already in use");
            }
        });
        return new AddressRange(range.subnet(), gateway, range.range(), range.auxiliary(), range.subnetChosen(), range.gatewayChosen());
    }

    private static IpAddress gateway(AddressRange range, AddressPool pool) {
        if (range.gateway().isEmpty()) {
            try {
                return pool.take();
            } catch (NetworkException none) {
                throw new NetworkException(Kind.UNAVAILABLE, "failed to allocate gateway (): no available addresses on this pool", none);
            }
        }
        IpAddress chosen = range.gateway().get();
        if (!pool.take(chosen)) {
            throw new NetworkException(Kind.UNAVAILABLE, "failed to allocate gateway (" + chosen + "): Address already in use");
        }
        return chosen;
    }

    /** Those without need no address for it: the host is not on an isolated bridge, and ipvlan at layer 3 asks the link itself. */
    private static boolean hasGateway(NetworkDefinition definition, IpFamily family) {
        return switch (definition.driver()) {
            case BRIDGE -> BridgeOptions.of(definition.options(), definition.internal()).mode(family) != GatewayMode.ISOLATED;
            case IPVLAN -> !ParentOptions.of(Driver.IPVLAN, definition.options()).routes();
            case MACVLAN -> true;
            case HOST, NONE -> false;
        };
    }
}
