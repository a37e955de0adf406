package io.berth.store.registry;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Registries whose certificate may be anybody's, and that may speak plain HTTP: some by name, some by address. This machine's own
 * always are, as in the reference engine.
 */
public final class InsecureRegistries {

    private static final List<String> LOOPBACK_RANGES = List.of("::1/128", "127.0.0.0/8");

    public static final InsecureRegistries LOOPBACK = InsecureRegistries.of(List.of());

    private final Set<String> names;
    private final List<AddressRange> ranges;

    private InsecureRegistries(Set<String> names, List<AddressRange> ranges) {
        this.names = names;
        this.ranges = ranges;
    }

    /** @param given {@code HOST}, {@code HOST:PORT} or {@code ADDRESS/BITS} each; the ones of {@link #check} */
    public static InsecureRegistries of(List<String> given) {
        Set<String> names = new TreeSet<>();
        List<AddressRange> ranges = new ArrayList<>();
        for (String text : given) {
            if (isRange(text)) {
                ranges.add(AddressRange.parse(text));
            } else {
                names.add(withoutScheme(text));
            }
        }
        LOOPBACK_RANGES.forEach(range -> ranges.add(AddressRange.parse(range)));
        return new InsecureRegistries(names, List.copyOf(ranges));
    }

    /** @throws IllegalArgumentException when {@code given} is neither the name of a registry nor a range of addresses */
    public static void check(String given) {
        if (isRange(given)) {
            return;
        }
        String name = withoutScheme(given);
        if (name.contains("://")) {
            throw new IllegalArgumentException("insecure registry " + given + " should not contain '://'");
        }
        if (!name.matches("(?:[A-Za-z0-9_]+(?:[A-Za-z0-9._-]*[A-Za-z0-9_])?|\\[[0-9a-fA-F:.]+])(?::[0-9]{1,5})?")) {
            throw new IllegalArgumentException("insecure registry " + given + " is not valid: invalid host \"" + given + "\"");
        }
        int port = Origin.portOf(name, 1);
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("insecure registry " + given + " is not valid: invalid port \"" + port + "\"");
        }
    }

    private static boolean isRange(String text) {
        if (text.indexOf('/') < 0) {
            return false;
        }
        try {
            AddressRange.parse(text);
            return true;
        } catch (IllegalArgumentException name) {
            return false;
        }
    }

    /** The reference takes it with a warning. */
    private static String withoutScheme(String text) {
        return text.replaceFirst("(?i)^https?://", "");
    }

    /** @param host {@code HOST} or {@code HOST:PORT}; its name is looked up, as the reference does */
    boolean contains(String host) {
        String name = Origin.hostOf(host);
        if (names.contains(host) || names.contains(name) || name.equals("localhost")) {
            return true;
        }
        for (InetAddress address : addresses(name)) {
            if (ranges.stream().anyMatch(range -> range.contains(address))) {
                return true;
            }
        }
        return false;
    }

    private InetAddress[] addresses(String name) {
        try {
            return new InetAddress[] {InetAddress.ofLiteral(name)};
        } catch (IllegalArgumentException noLiteral) {
            try {
                return InetAddress.getAllByName(name);
            } catch (UnknownHostException unknown) {
                return new InetAddress[0];
            }
        }
    }

    public Set<String> names() {
        return Set.copyOf(names);
    }

    /** In the order in which they are shown: those that were given, then the loopback's. */
    public List<String> ranges() {
        return ranges.stream().map(AddressRange::toString).map(InsecureRegistries::shortened).toList();
    }

    /** As people write it. */
    private static String shortened(String range) {
        return range.equals("0:0:0:0:0:0:0:1/128") ? "::1/128" : range;
    }
}
