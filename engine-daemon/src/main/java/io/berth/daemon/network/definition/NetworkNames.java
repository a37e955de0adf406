package io.berth.daemon.network.definition;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * What this instance's things are called on the host. The default instance has short names; the others carry eight
 * hexadecimal digits of their own, since a machine's daemons share one list of links (names of at most 15 bytes, IFNAMSIZ)
 * and one of tables.
 */
public final class NetworkNames {

    private static final int LONGEST_LINK_NAME = 15;

    private final String instance;
    private final Map<NetworkKind, NetworkId> predefined = new EnumMap<>(NetworkKind.class);

    private NetworkNames(String instance) {
        this.instance = instance;
        for (NetworkKind kind : NetworkKind.values()) {
            predefined.put(kind, idOf(kind));
        }
    }

    /** {@code berth0}, table {@code berth}. */
    public static NetworkNames ofDefaultInstance() {
        return new NetworkNames("");
    }

    /** {@code berth-1a2b3c4d} for both. @param digits eight hexadecimal digits */
    public static NetworkNames ofInstance(String digits) {
        if (!digits.matches("[0-9a-f]{8}")) {
            throw new IllegalArgumentException("an instance has eight hexadecimal digits, not " + digits);
        }
        return new NetworkNames(digits);
    }

    public String bridge() {
        return instance.isEmpty() ? "berth0" : "berth-" + instance;
    }

    public String table() {
        return instance.isEmpty() ? "berth" : "berth-" + instance;
    }

    /** The host's end of a container's link: {@code vberth0}, or {@code v} and the instance, then digits of the endpoint. */
    public String hostEnd(EndpointId endpoint) {
        String prefix = hostEndPrefix();
        return prefix + endpoint.hex().substring(0, LONGEST_LINK_NAME - prefix.length());
    }

    public String hostEndPrefix() {
        return instance.isEmpty() ? "vberth0" : "v" + instance;
    }

    /** {@code br-} and twelve digits of the id, as the reference's. */
    public String bridge(NetworkId network) {
        return "br-" + network.hex().substring(0, 12);
    }

    /** What the links of a network carry as their alias. */
    public String alias(NetworkId network) {
        return aliasPrefix() + network.hex();
    }

    /** The network that an alias of this instance names. */
    public Optional<NetworkId> network(String alias) {
        String id = alias.startsWith(aliasPrefix()) ? alias.substring(aliasPrefix().length()) : "";
        return id.matches("[0-9a-f]{64}") ? Optional.of(new NetworkId(id)) : Optional.empty();
    }

    private String aliasPrefix() {
        return instance.isEmpty() ? "berth network " : "berth " + instance + " network ";
    }

    /** The same at every start: containers remember the ids of their networks. */
    public NetworkId id(NetworkKind kind) {
        return predefined.get(kind);
    }

    private NetworkId idOf(NetworkKind kind) {
        try {
            byte[] name = ("berth network " + instance + " " + kind).getBytes(StandardCharsets.UTF_8);
            return new NetworkId(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(name)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }
}
