package io.berth.daemon.network;

import java.nio.ByteBuffer;

/** An IPv4 address, as a number in host order. */
public record Ipv4Address(int bits) implements Comparable<Ipv4Address> {

    /** As the address of a listener: all addresses of the host. */
    public static final Ipv4Address ANY = new Ipv4Address(0);

    /** @throws IllegalArgumentException unless it is four decimal numbers from 0 to 255 with dots between */
    public static Ipv4Address parse(String text) {
        String[] parts = text.split("\\.", -1);
        int bits = 0;
        for (String part : parts) {
            if (parts.length != 4 || !part.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(part) > 255) {
                throw new IllegalArgumentException("not an IPv4 address: " + text);
            }
            bits = bits << 8 | Integer.parseInt(part);
        }
        return new Ipv4Address(bits);
    }

    /** From four bytes in network order, as the kernel gives them. */
    public static Ipv4Address of(byte[] bytes) {
        return new Ipv4Address(ByteBuffer.wrap(bytes).getInt());
    }

    public byte[] bytes() {
        return ByteBuffer.allocate(4).putInt(bits).array();
    }

    public Ipv4Address plus(int offset) {
        return new Ipv4Address(bits + offset);
    }

    @Override
    public int compareTo(Ipv4Address other) {
        return Integer.compareUnsigned(bits, other.bits);
    }

    @Override
    public String toString() {
        return (bits >>> 24) + "." + (bits >>> 16 & 0xff) + "." + (bits >>> 8 & 0xff) + "." + (bits & 0xff);
    }
}
