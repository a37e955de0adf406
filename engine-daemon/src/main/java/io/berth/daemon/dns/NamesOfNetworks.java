package io.berth.daemon.dns;

import io.berth.daemon.network.address.IpAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The directory of all networks. A container sees the names of its own networks, in their order: {@code web}, which may contain dots, and
 * {@code web.network}; first of all those that it has by links. One thread writes; the resolver's reads at the same time.
 */
final class NamesOfNetworks implements NameDirectory {

    /**
     * What is known of a container.
     *
     * @param memberships in the order in which they are searched
     * @param servers     for all other names; empty for the host's
     * @param goesOut     whether other names are asked for at all
     */
    record Member(List<Membership> memberships, List<IpAddress> servers, boolean goesOut, boolean singleLabels) {

        Member {
            memberships = List.copyOf(memberships);
            servers = List.copyOf(servers);
        }
    }

    private static final Member NOBODY = new Member(List.of(), List.of(), false, false);

    private final Map<String, Member> members = new ConcurrentHashMap<>();
    private final Map<String, NetworkTable> networks = new ConcurrentHashMap<>();
    private final Supplier<List<Upstream>> hostServers;

    NamesOfNetworks(Supplier<List<Upstream>> hostServers) {
        this.hostServers = hostServers;
    }

    /** From now on this is what is known of a container. What stays as it was can be found all the while. */
    void put(String container, Member member) {
        Member former = members.getOrDefault(container, NOBODY);
        List<Membership> added = new ArrayList<>(member.memberships());
        added.removeAll(former.memberships());
        added.forEach(membership -> networks.computeIfAbsent(membership.network(), id -> new NetworkTable()).add(membership));
        members.put(container, member);
        List<Membership> gone = new ArrayList<>(former.memberships());
        gone.removeAll(member.memberships());
        gone.forEach(this::remove);
    }

    /** Whether anything was known of it. */
    boolean remove(String container) {
        Member former = members.remove(container);
        if (former == null) {
            return false;
        }
        former.memberships().forEach(this::remove);
        return true;
    }

    private void remove(Membership membership) {
        NetworkTable table = networks.get(membership.network());
        table.remove(membership);
        if (table.isEmpty()) {
            networks.remove(membership.network());
        }
    }

    @Override
    public Optional<List<IpAddress>> addresses(String container, String name) {
        List<Membership> memberships = members.getOrDefault(container, NOBODY).memberships();
        // web.a.b: web.a.b in any network, web.a in network b, web in network a.b
        for (int end = name.length(); end > 0; end = name.lastIndexOf('.', end - 1)) {
            String host = name.substring(0, end);
            String network = end == name.length() ? "" : name.substring(end + 1);
            Optional<List<IpAddress>> found = memberships.stream()
                    .filter(membership -> network.isEmpty() || network.equals(Membership.key(membership.networkName())))
                    .sorted(Comparator.comparing(membership -> !membership.isLink(host)))
                    .flatMap(membership -> table(membership).flatMap(table -> table.addresses(membership.meant(host))).stream()).findFirst();
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    @Override
    public Optional<String> nameOf(String container, IpAddress address) {
        return members.getOrDefault(container, NOBODY).memberships().stream()
                .flatMap(membership -> table(membership).stream()).flatMap(table -> table.nameOf(address).stream()).findFirst();
    }

    private Optional<NetworkTable> table(Membership membership) {
        return Optional.ofNullable(networks.get(membership.network()));
    }

    @Override
    public Forwarding forwarding(String container) {
        Member member = members.getOrDefault(container, NOBODY);
        if (!member.goesOut()) {
            return new Forwarding(List.of(), member.singleLabels());
        }
        // a container that names its own resolver would have it ask itself without end
        List<Upstream> own = member.servers().stream().filter(server -> !server.equals(NamespaceSockets.RESOLVER))
                .map(server -> new Upstream(server, false)).toList();
        return new Forwarding(member.servers().isEmpty() ? hostServers.get() : own, member.singleLabels());
    }
}
