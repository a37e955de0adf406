package io.berth.daemon.network;

/** A range of IPv4 addresses with a common prefix; {@code network} has no bit set behind it. */
public record Subnet(Ipv4Address network, int prefixLength) {

    public Subnet {
        if (prefixLength < 0 || prefixLength > 32) {
            throw new IllegalArgumentException("a prefix has 0 to 32 bits, not " + prefixLength);
        }
        if ((network.bits() & ~mask(prefixLength)) != 0) {
            throw new IllegalArgumentException(network + "/" + prefixLength + " has bits behind its prefix");
        }
    }

    /** As in {@code 172.17.0.0/16}. */
    public static Subnet parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,2}")) {
            throw new IllegalArgumentException("not a subnet: " + text);
        }
        return new Subnet(Ipv4Address.parse(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
    }

    /** The subnet an address lies in. */
    public static Subnet around(Ipv4Address address, int prefixLength) {
        return new Subnet(new Ipv4Address(address.bits() & mask(prefixLength)), prefixLength);
    }

    public boolean contains(Ipv4Address address) {
        return (address.bits() & mask(prefixLength)) == network.bits();
    }

    public boolean overlaps(Subnet other) {
        int shorter = mask(Math.min(prefixLength, other.prefixLength));
        return (network.bits() & shorter) == (other.network.bits() & shorter);
    }

    /** How many addresses it has, network and broadcast among them. */
    public long size() {
        return 1L << 32 - prefixLength;
    }

    private static int mask(int prefixLength) {
        return prefixLength == 0 ? 0 : -1 << 32 - prefixLength;
    }

    @Override
    public String toString() {
        return network + "/" + prefixLength;
    }
}
