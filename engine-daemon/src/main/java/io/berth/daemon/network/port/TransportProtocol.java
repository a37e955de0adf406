package io.berth.daemon.network.port;

import java.util.Locale;

/** What a port can be a port of, with its number in an IP header. */
public enum TransportProtocol {
    TCP(6), UDP(17), SCTP(132);

    private final int number;

    TransportProtocol(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /** As in {@code tcp}. */
    public static TransportProtocol parse(String text) {
        for (TransportProtocol protocol : values()) {
            if (protocol.toString().equals(text)) {
                return protocol;
            }
        }
        throw new IllegalArgumentException("invalid proto: " + text);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
