package io.berth.daemon.network.address;

/** A range of addresses with a common prefix; {@code network} has no bit set behind it. */
public record Subnet(IpAddress network, int prefixLength) {

    public Subnet {
        if (prefixLength < 0 || prefixLength > network.family().bits()) {
            throw new IllegalArgumentException("a prefix of " + network.family() + " has 0 to " + network.family().bits() + " bits, not " + prefixLength);
        }
        if (!masked(network, prefixLength).equals(network)) {
            throw new IllegalArgumentException(network + "/" + prefixLength + " has bits behind its prefix");
        }
    }

    /** As in {@code 172.17.0.0/16} or {@code fd00::/64}. */
    public static Subnet parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException("not a subnet: " + text);
        }
        return new Subnet(IpAddress.parse(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
    }

    /** The subnet an address lies in. */
    public static Subnet around(IpAddress address, int prefixLength) {
        return new Subnet(masked(address, prefixLength), prefixLength);
    }

    public IpFamily family() {
        return network.family();
    }

    public boolean contains(IpAddress address) {
        return address.family() == family() && masked(address, prefixLength).equals(network);
    }

    public boolean contains(Subnet other) {
        return other.prefixLength >= prefixLength && contains(other.network);
    }

    public boolean overlaps(Subnet other) {
        return contains(other) || other.contains(this);
    }

    /** Its last address; of an IPv4 network that is the one to broadcast to. */
    public IpAddress last() {
        IpAddress host = hostMask(family(), prefixLength);
        return new IpAddress(family(), network.high() | host.high(), network.low() | host.low());
    }

    /** How many addresses it has, network and broadcast among them; {@link Long#MAX_VALUE} when there are more. */
    public long size() {
        int free = family().bits() - prefixLength;
        return free > 62 ? Long.MAX_VALUE : 1L << free;
    }

    private static IpAddress masked(IpAddress address, int prefixLength) {
        IpAddress host = hostMask(address.family(), prefixLength);
        return new IpAddress(address.family(), address.high() & ~host.high(), address.low() & ~host.low());
    }

    /** All bits behind the prefix. */
    private static IpAddress hostMask(IpFamily family, int prefixLength) {
        int free = family.bits() - prefixLength;
        return new IpAddress(family, ones(free - 64), ones(Math.min(free, 64)));
    }

    private static long ones(int count) {
        return count <= 0 ? 0 : -1L >>> 64 - count;
    }

    @Override
    public String toString() {
        return network + "/" + prefixLength;
    }
}
