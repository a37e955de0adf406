package io.berth.daemon.network;

import io.berth.daemon.network.address.AddressPool;
import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.address.MacAddress;
import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.bridge.Bridge;
import io.berth.daemon.network.definition.AddressRange;
import io.berth.daemon.network.definition.BridgeOptions;
import io.berth.daemon.network.definition.Driver;
import io.berth.daemon.network.definition.EndpointId;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.definition.ParentOptions;
import io.berth.daemon.network.firewall.BridgeRules;
import io.berth.daemon.network.link.HostLinks;
import io.berth.daemon.network.link.HostNetwork;
import io.berth.daemon.network.macvlan.ParentNetwork;
import io.berth.daemon.network.sandbox.EndpointRequest;
import io.berth.daemon.network.sandbox.Place;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A network that has something on the host: its device, who has which address, and who is connected. On the network's thread alone. */
final class LiveNetwork {

    private record Pool(AddressRange range, AddressPool addresses) {
    }

    private final NetworkDefinition definition;
    private final HostNetwork host;
    private final Optional<BridgeRules> rules;
    private final String linkPrefix;
    private final boolean leadsOut;
    private final List<Pool> pools = new ArrayList<>();
    private final Map<EndpointId, String> connected = new LinkedHashMap<>();

    private LiveNetwork(NetworkDefinition definition, HostNetwork host, Optional<BridgeRules> rules, String linkPrefix, boolean leadsOut) {
        this.definition = definition;
        this.host = host;
        this.rules = rules;
        this.linkPrefix = linkPrefix;
        this.leadsOut = leadsOut && !definition.internal();
        for (IpFamily family : IpFamily.values()) {
            definition.ranges(family).forEach(range -> pools.add(new Pool(range, addresses(range))));
        }
    }

    private static AddressPool addresses(AddressRange range) {
        AddressPool addresses = new AddressPool(range.subnet(), range.range());
        range.gateway().ifPresent(addresses::take);
        range.auxiliary().values().forEach(addresses::take);
        return addresses;
    }

    /**
     * @param forwards whether a bridge makes the host forward packets
     * @throws IllegalArgumentException for a network without links: of the host, of nobody, a template
     */
    static LiveNetwork of(HostLinks links, NetworkDefinition definition, boolean forwards) {
        return switch (definition.driver()) {
            case BRIDGE -> {
                BridgeOptions options = BridgeOptions.of(definition.options(), definition.internal());
                BridgeRules rules = rules(Bridge.nameOf(links, definition), definition, options);
                yield new LiveNetwork(definition, new Bridge(links, definition, forwards), Optional.of(rules), options.linkPrefix(), true);
            }
            case MACVLAN, IPVLAN -> {
                ParentOptions options = ParentOptions.of(definition.driver(), definition.options());
                yield new LiveNetwork(definition, new ParentNetwork(links, definition), Optional.empty(), options.linkPrefix(),
                        options.parent().isPresent());
            }
            case HOST, NONE -> throw new IllegalArgumentException("network " + definition.name() + " has no links");
        };
    }

    private static BridgeRules rules(String link, NetworkDefinition definition, BridgeOptions options) {
        return new BridgeRules(link, family(definition, options, IpFamily.V4), family(definition, options, IpFamily.V6), definition.internal(),
                options.icc(), options.trustedInterfaces());
    }

    private static Optional<BridgeRules.Family> family(NetworkDefinition definition, BridgeOptions options, IpFamily family) {
        return definition.range(family).map(range -> new BridgeRules.Family(range.subnet(), options.mode(family), options.masquerade(),
                options.source(family)));
    }

    NetworkDefinition definition() {
        return definition;
    }

    HostNetwork host() {
        return host;
    }

    /** Of a bridge. */
    Optional<BridgeRules> rules() {
        return rules;
    }

    String linkPrefix() {
        return linkPrefix;
    }

    /** By endpoint the container; in the order of their coming. */
    Map<EndpointId, String> connected() {
        return connected;
    }

    /**
     * Takes addresses of all the network's families.
     *
     * @param link the name in the container
     */
    Place take(EndpointRequest request, String link) {
        List<Place.Assigned> taken = new ArrayList<>();
        try {
            for (IpFamily family : IpFamily.values()) {
                if (definition.range(family).isPresent()) {
                    taken.add(assign(family, family == IpFamily.V4 ? request.ipv4() : request.ipv6()));
                }
            }
        } catch (NetworkException failure) {
            taken.forEach(assigned -> giveBack(assigned.address()));
            throw failure;
        }
        MacAddress mac = request.mac().or(() -> taken.stream().findFirst().map(assigned -> MacAddress.of(assigned.address())))
                .orElseThrow(() -> new IllegalStateException("network " + definition.name() + " has no addresses"));
        return new Place(link, mac, of(taken, IpFamily.V4), of(taken, IpFamily.V6), request.linkLocal(), request.gatewayPriority());
    }

    private static Optional<Place.Assigned> of(List<Place.Assigned> taken, IpFamily family) {
        return taken.stream().filter(assigned -> assigned.address().family() == family).findFirst();
    }

    private Place.Assigned assign(IpFamily family, Optional<IpAddress> wanted) {
        if (wanted.isEmpty()) {
            Pool pool = pools.stream().filter(one -> one.range().subnet().family() == family).findFirst().orElseThrow();
            return assigned(pool.range(), any(pool, family));
        }
        IpAddress address = wanted.get();
        Pool pool = pools.stream().filter(one -> one.range().subnet().contains(address)).findFirst().orElseThrow(() -> new NetworkException(
                NetworkException.Kind.INVALID, "no configured subnet or ip-range contain the IP address " + address));
        if (!pool.addresses().take(address)) {
            throw new NetworkException(NetworkException.Kind.FORBIDDEN, "Address already in use");
        }
        return assigned(pool.range(), address);
    }

    private IpAddress any(Pool pool, IpFamily family) {
        try {
            return pool.addresses().take();
        } catch (NetworkException none) {
            throw new NetworkException(NetworkException.Kind.UNAVAILABLE, "no available " + family + " addresses on this network's address pools: "
                    + definition.name() + " (" + definition.id() + ")", none);
        }
    }

    private Place.Assigned assigned(AddressRange range, IpAddress address) {
        Optional<IpAddress> gateway = definition.driver() == Driver.BRIDGE ? range.wayOut() : range.gateway();
        return new Place.Assigned(address, range.subnet().prefixLength(), leadsOut ? gateway : Optional.empty());
    }

    /** Whether what is for elsewhere can leave through this network. */
    boolean leadsOut(Place place, IpFamily family) {
        Optional<Place.Assigned> assigned = place.assigned(family);
        return assigned.isPresent() && leadsOut && (assigned.get().gateway().isPresent() || definition.driver() == Driver.IPVLAN);
    }

    /** Notes the addresses of a running container; those that are not to be had. */
    List<IpAddress> takeAgain(Place place) {
        return place.assigned().stream().map(Place.Assigned::address)
                .filter(address -> pools.stream().noneMatch(pool -> pool.addresses().take(address))).toList();
    }

    void giveBack(Place place) {
        place.assigned().forEach(assigned -> giveBack(assigned.address()));
    }

    private void giveBack(IpAddress address) {
        pools.forEach(pool -> pool.addresses().giveBack(address));
    }
}
