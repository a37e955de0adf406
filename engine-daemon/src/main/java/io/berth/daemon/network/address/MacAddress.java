package io.berth.daemon.network.address;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/** A link's hardware address, 48 bits. */
public record MacAddress(long bits) {

    private static final HexFormat COLONS = HexFormat.ofDelimiter(":");

    public MacAddress {
        if (bits >>> 48 != 0) {
            throw new IllegalArgumentException("a MAC address has 48 bits");
        }
        if ((bits >>> 40 & 1) != 0) {
            throw new IllegalArgumentException("a link cannot have the multicast address " + text(bits));
        }
    }

    /** As in {@code 02:42:ac:11:00:02}; dashes do too, as in the reference. */
    public static MacAddress parse(String text) {
        if (!text.matches("[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}")) {
            throw new IllegalArgumentException("invalid MAC address: " + text);
        }
        return new MacAddress(Long.parseLong(text.replaceAll("[:-]", ""), 16));
    }

    /**
     * 02:42 and the address. The reference engine did so up to version 27 and takes random ones since; derived, a
     * neighbour's memory of who has an address stays true when the address goes to the next container, and nothing has to
     * be announced.
     */
    public static MacAddress of(IpAddress address) {
        return new MacAddress(0x0242_0000_0000L | (address.low() & 0xffff_ffffL));
    }

    public byte[] bytes() {
        return Arrays.copyOfRange(ByteBuffer.allocate(8).putLong(bits).array(), 2, 8);
    }

    @Override
    public String toString() {
        return text(bits);
    }

    private static String text(long bits) {
        return COLONS.formatHex(Arrays.copyOfRange(ByteBuffer.allocate(8).putLong(bits).array(), 2, 8));
    }
}
