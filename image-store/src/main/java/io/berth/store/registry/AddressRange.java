package io.berth.store.registry;

import java.net.InetAddress;

/**
 * IP addresses with the same first bits: {@code 10.0.0.0/8}.
 *
 * @param bits how many are the same
 */
record AddressRange(InetAddress network, int bits) {

    /** @throws IllegalArgumentException when it is none; addresses only, names are never looked up */
    static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        try {
            InetAddress network = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
            int length = network.getAddress().length * 8;
            int bits = slash < 0 ? length : Integer.parseInt(text.substring(slash + 1));
            if (bits < 0 || bits > length) {
                throw new IllegalArgumentException("more bits than an address has");
            }
            return new AddressRange(InetAddress.getByAddress(masked(network.getAddress(), bits)), bits);
        } catch (java.net.UnknownHostException impossible) {
            throw new IllegalArgumentException(impossible);
        }
    }

    private static byte[] masked(byte[] address, int bits) {
        for (int bit = bits; bit < address.length * 8; bit++) {
            address[bit / 8] &= (byte) ~(0x80 >> bit % 8);
        }
        return address;
    }

    boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == network.getAddress().length && java.util.Arrays.equals(masked(bytes, bits), network.getAddress());
    }

    @Override
    public String toString() {
        return network.getHostAddress() + '/' + bits;
    }
}
