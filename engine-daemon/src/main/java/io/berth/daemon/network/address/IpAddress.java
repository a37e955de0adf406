package io.berth.daemon.network.address;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * An IPv4 or IPv6 address, as a number of 128 bits of which an IPv4 address uses the last 32. IPv4 comes before IPv6 in
 * the order.
 */
public record IpAddress(IpFamily family, long high, long low) implements Comparable<IpAddress> {

    /** As the address of a listener: all IPv4 addresses of the host. */
    public static final IpAddress ANY = new IpAddress(IpFamily.V4, 0, 0);
    /** The same for IPv6, {@code ::}. */
    public static final IpAddress ANY_V6 = new IpAddress(IpFamily.V6, 0, 0);

    private static final int GROUPS = 8;

    public IpAddress {
        if (family == IpFamily.V4 && (high != 0 || low >>> 32 != 0)) {
            throw new IllegalArgumentException("an IPv4 address has 32 bits");
        }
    }

    /** @throws IllegalArgumentException unless it is an address in one of the usual spellings, without zone or prefix */
    public static IpAddress parse(String text) {
        return text.indexOf(':') < 0 ? new IpAddress(IpFamily.V4, 0, v4(text, text)) : v6(text);
    }

    private static long v4(String part, String whole) {
        String[] numbers = part.split("\\.", -1);
        long bits = 0;
        for (String number : numbers) {
            if (numbers.length != 4 || !number.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(number) > 255) {
                throw new IllegalArgumentException("not an IP address: " + whole);
            }
            bits = bits << 8 | Integer.parseInt(number);
        }
        return bits;
    }

    /** RFC 4291, 2.2: eight groups, one run of them may be {@code ::}, the last two may be an IPv4 address. */
    private static IpAddress v6(String text) {
        int gap = text.indexOf("::");
        List<Integer> before = groups(gap < 0 ? text : text.substring(0, gap), text);
        List<Integer> after = gap < 0 ? List.of() : groups(text.substring(gap + 2), text);
        int present = before.size() + after.size();
        if (gap < 0 ? present != GROUPS : present >= GROUPS) {
            throw new IllegalArgumentException("not an IP address: " + text);
        }
        ByteBuffer bytes = ByteBuffer.allocate(16);
        before.forEach(group -> bytes.putShort(group.shortValue()));
        bytes.position(16 - 2 * after.size());
        after.forEach(group -> bytes.putShort(group.shortValue()));
        return new IpAddress(IpFamily.V6, bytes.getLong(0), bytes.getLong(8));
    }

    private static List<Integer> groups(String part, String whole) {
        List<Integer> groups = new ArrayList<>();
        String[] words = part.isEmpty() ? new String[0] : part.split(":", -1);
        for (int i = 0; i < words.length; i++) {
            if (i == words.length - 1 && words[i].indexOf('.') >= 0) {
                long bits = v4(words[i], whole);
                groups.add((int) (bits >>> 16));
                groups.add((int) bits & 0xffff);
            } else if (words[i].matches("[0-9a-fA-F]{1,4}")) {
                groups.add(Integer.parseInt(words[i], 16));
            } else {
                throw new IllegalArgumentException("not an IP address: " + whole);
            }
        }
        return groups;
    }

    /** From 4 or 16 bytes in network order, as the kernel gives them. */
    public static IpAddress of(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return switch (bytes.length) {
            case 4 -> new IpAddress(IpFamily.V4, 0, Integer.toUnsignedLong(buffer.getInt()));
            case 16 -> new IpAddress(IpFamily.V6, buffer.getLong(), buffer.getLong());
            default -> throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + bytes.length);
        };
    }

    /** 4 or 16 bytes in network order. */
    public byte[] bytes() {
        return isV4() ? ByteBuffer.allocate(4).putInt((int) low).array() : ByteBuffer.allocate(16).putLong(high).putLong(low).array();
    }

    public boolean isV4() {
        return family == IpFamily.V4;
    }

    public boolean isV6() {
        return family == IpFamily.V6;
    }

    /** {@code 0.0.0.0} and {@code ::}. */
    public boolean isUnspecified() {
        return high == 0 && low == 0;
    }

    /** {@code 127.0.0.0/8} and {@code ::1}. */
    public boolean isLoopback() {
        return isV4() ? low >>> 24 == 127 : high == 0 && low == 1;
    }

    /** {@code 169.254.0.0/16} and {@code fe80::/10}. */
    public boolean isLinkLocal() {
        return isV4() ? low >>> 16 == 0xa9fe : high >>> 54 == 0x3fa;
    }

    public boolean isMulticast() {
        return isV4() ? low >>> 28 == 0xe : high >>> 56 == 0xff;
    }

    /** The address that is {@code offset} further, or back; counting goes on at zero behind the last. */
    public IpAddress plus(long offset) {
        long sum = low + offset;
        if (isV4()) {
            return new IpAddress(family, 0, sum & 0xffff_ffffL);
        }
        boolean carry = offset >= 0 && Long.compareUnsigned(sum, low) < 0;
        boolean borrow = offset < 0 && Long.compareUnsigned(sum, low) > 0;
        return new IpAddress(family, carry ? high + 1 : borrow ? high - 1 : high, sum);
    }

    @Override
    public int compareTo(IpAddress other) {
        int families = family.compareTo(other.family);
        int highs = Long.compareUnsigned(high, other.high);
        return families != 0 ? families : highs != 0 ? highs : Long.compareUnsigned(low, other.low);
    }

    /** IPv6 as RFC 5952 wants it: lower case, the longest run of zero groups left out. */
    @Override
    public String toString() {
        if (isV4()) {
            return (low >>> 24) + "." + (low >>> 16 & 0xff) + "." + (low >>> 8 & 0xff) + "." + (low & 0xff);
        }
        if (high == 0 && low >>> 32 == 0xffff) {
            return "::ffff:" + new IpAddress(IpFamily.V4, 0, low & 0xffff_ffffL);
        }
        int longest = 0;
        int end = 0;
        int run = 0;
        for (int i = 0; i < GROUPS; i++) {
            run = group(i) == 0 ? run + 1 : 0;
            if (run > longest) {
                longest = run;
                end = i + 1;
            }
        }
        return longest < 2 ? text(0, GROUPS) : text(0, end - longest) + "::" + text(end, GROUPS);
    }

    private int group(int index) {
        return (int) ((index < 4 ? high : low) >>> 48 - 16 * (index % 4)) & 0xffff;
    }

    private String text(int from, int to) {
        List<String> groups = new ArrayList<>();
        for (int i = from; i < to; i++) {
            groups.add(Integer.toHexString(group(i)));
        }
        return String.join(":", groups);
    }
}
