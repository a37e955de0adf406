package io.berth.daemon.network.address;

import java.util.BitSet;

/** Who has which address of a subnet. The lowest free one is given out, as by the reference. One thread at a time. */
public final class AddressPool {

    private final Subnet subnet;
    private final BitSet taken = new BitSet();

    /** The network's own address, the broadcast address and the gateway are never given out. */
    public AddressPool(Subnet subnet, IpAddress gateway) {
        this.subnet = subnet;
        taken.set(0);
        taken.set(offset(gateway));
    }

    public IpAddress take() {
        int offset = taken.nextClearBit(0);
        if (offset >= subnet.size() - 1) {
            throw new NetworkException(NetworkException.Kind.UNAVAILABLE,
                    "no available IPv4 addresses on this network's address pools: " + subnet);
        }
        taken.set(offset);
        return subnet.network().plus(offset);
    }

    /** Notes an address that a running container has; false when it lies elsewhere or is somebody's already. */
    public boolean occupy(IpAddress address) {
        if (!subnet.contains(address) || taken.get(offset(address))) {
            return false;
        }
        taken.set(offset(address));
        return true;
    }

    /** Nothing comes of an address that lies elsewhere: the network may have had another range before the machine was started anew. */
    public void giveBack(IpAddress address) {
        if (subnet.contains(address)) {
            taken.clear(offset(address));
        }
    }

    private int offset(IpAddress address) {
        return (int) (address.low() - subnet.network().low());
    }
}
