package io.berth.daemon.network.address;

/** The two kinds of IP addresses. */
public enum IpFamily {
    V4(32), V6(128);

    private final int bits;

    IpFamily(int bits) {
        this.bits = bits;
    }

    /** How long its addresses are. */
    public int bits() {
        return bits;
    }

    @Override
    public String toString() {
        return this == V4 ? "IPv4" : "IPv6";
    }
}
