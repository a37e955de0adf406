package io.berth.daemon.network.address;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Who has which address of a subnet. The lowest free one is given out, as by the reference. What is taken is remembered one
 * by one: a subnet of IPv6 has more addresses than any table has room for. One thread at a time.
 */
public final class AddressPool {

    private final Subnet subnet;
    private final Subnet range;
    private final Set<IpAddress> taken = new HashSet<>();
    /** No address of the range before this one is free. */
    private IpAddress next;

    /**
     * @param range the part of the subnet from which addresses are given out to those who do not ask for a certain one
     */
    public AddressPool(Subnet subnet, Optional<Subnet> range) {
        this.subnet = subnet;
        this.range = range.orElse(subnet);
        this.next = this.range.network();
        reserveEnds();
    }

    /** Those of the network itself and, on IPv4, the one to broadcast to are nobody's; a subnet of one or two has neither. */
    private void reserveEnds() {
        if (subnet.family().bits() - subnet.prefixLength() >= 2) {
            taken.add(subnet.network());
            if (subnet.family() == IpFamily.V4) {
                taken.add(subnet.last());
            }
        }
    }

    /** The lowest free one of the range. */
    public IpAddress take() {
        IpAddress candidate = next;
        while (range.contains(candidate) && taken.contains(candidate)) {
            candidate = candidate.plus(1);
        }
        boolean counted = candidate.compareTo(next) >= 0;
        if (!counted || !range.contains(candidate)) {
            throw new NetworkException(NetworkException.Kind.UNAVAILABLE,
                    "no available " + subnet.family() + " addresses on this network's address pools: " + range);
        }
        taken.add(candidate);
        next = candidate;
        return candidate;
    }

    /** A certain one, which may lie outside of the range; false when it lies outside of the subnet or is somebody's already. */
    public boolean take(IpAddress address) {
        return subnet.contains(address) && taken.add(address);
    }

    /** Nothing comes of an address that lies elsewhere: the network may have had another subnet before the machine was started anew. */
    public void giveBack(IpAddress address) {
        if (taken.remove(address) && range.contains(address) && address.compareTo(next) < 0) {
            next = address;
        }
        reserveEnds();
    }
}
