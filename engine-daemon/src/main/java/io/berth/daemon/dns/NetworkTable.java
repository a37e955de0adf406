package io.berth.daemon.dns;

import io.berth.daemon.network.address.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who is in one network, by name and by address. One thread writes, any may read at the same time; a change costs what the container has,
 * however many others there are.
 */
final class NetworkTable {

    private final Map<String, List<Membership>> byName = new ConcurrentHashMap<>();
    private final Map<IpAddress, Membership> byAddress = new ConcurrentHashMap<>();

    void add(Membership member) {
        member.keys().forEach(key -> byName.merge(key, List.of(member), NetworkTable::joined));
        member.addresses().forEach(address -> byAddress.put(address, member));
    }

    void remove(Membership member) {
        member.keys().forEach(key -> byName.computeIfPresent(key, (name, all) -> without(all, member)));
        member.addresses().forEach(address -> byAddress.remove(address, member));
    }

    boolean isEmpty() {
        return byName.isEmpty() && byAddress.isEmpty();
    }

    /** All addresses of all who have this name; empty when nobody has. */
    Optional<List<IpAddress>> addresses(String name) {
        return Optional.ofNullable(byName.get(name))
                .map(all -> all.stream().flatMap(member -> member.addresses().stream()).toList());
    }

    /** The first name of who has this address, with that of the network. */
    Optional<String> nameOf(IpAddress address) {
        return Optional.ofNullable(byAddress.get(address)).filter(member -> !member.names().isEmpty())
                .map(member -> member.names().getFirst() + "." + member.networkName());
    }

    private static List<Membership> joined(List<Membership> some, List<Membership> others) {
        List<Membership> all = new ArrayList<>(some);
        all.addAll(others);
        return List.copyOf(all);
    }

    /** No list at all is left behind the last. */
    private static List<Membership> without(List<Membership> all, Membership member) {
        List<Membership> others = all.stream().filter(other -> !other.equals(member)).toList();
        return others.isEmpty() ? null : others;
    }
}
