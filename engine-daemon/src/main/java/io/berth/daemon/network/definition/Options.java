package io.berth.daemon.network.definition;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.address.NetworkException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A driver's options as texts, read in the reference's words. */
record Options(Map<String, String> texts) {

    static final String OURS = "com.docker.network.";
    static final String MTU = OURS + "driver.mtu";
    static final String LINK_PREFIX = OURS + "container_iface_prefix";
    private static final List<String> TRUE = List.of("1", "t", "T", "TRUE", "true", "True");
    private static final List<String> FALSE = List.of("0", "f", "F", "FALSE", "false", "False");
    /** IFNAMSIZ without the zero and two digits. */
    private static final int LONGEST_PREFIX = 13;

    Optional<String> text(String name) {
        return Optional.ofNullable(texts.get(name));
    }

    boolean flag(String name, boolean otherwise) {
        String text = texts.get(name);
        if (text == null) {
            return otherwise;
        }
        if (!TRUE.contains(text) && !FALSE.contains(text)) {
            throw unreadable(name, text, "strconv.ParseBool: parsing \"" + text + "\": invalid syntax");
        }
        return TRUE.contains(text);
    }

    /** 0 when the kernel is to choose. */
    int mtu() {
        String text = texts.getOrDefault(MTU, "0");
        try {
            int mtu = Integer.parseInt(text);
            if (mtu < 0) {
                throw new NetworkException(NetworkException.Kind.INVALID, "invalid MTU number: " + mtu);
            }
            return mtu;
        } catch (NumberFormatException invalid) {
            throw unreadable(MTU, text, "strconv.Atoi: parsing \"" + text + "\": invalid syntax");
        }
    }

    /** Of the given family; one of the other family is refused, since nothing could be done with it. */
    Optional<IpAddress> address(String name, IpFamily family) {
        return text(name).map(text -> {
            try {
                IpAddress address = IpAddress.parse(text);
                if (address.family() != family) {
                    throw unreadable(name, text, "not an " + family + " address");
                }
                return address;
            } catch (IllegalArgumentException invalid) {
                throw unreadable(name, text, "nil ip");
            }
        });
    }

    /** What the names of containers' links begin with. */
    String linkPrefix() {
        String prefix = text(LINK_PREFIX).filter(text -> !text.isEmpty()).orElse("eth");
        if (prefix.length() > LONGEST_PREFIX || !prefix.matches("[^/:\\s]+")) {
            throw unreadable(LINK_PREFIX, prefix, "not the beginning of a link's name");
        }
        return prefix;
    }

    /** Names that we should know and do not are refused; others are somebody else's, and kept as the reference keeps them. */
    void requireKnown(List<String> known) {
        texts.keySet().stream().filter(name -> name.startsWith(OURS) && !known.contains(name)).sorted().findFirst().ifPresent(name -> {
            throw new NetworkException(NetworkException.Kind.INVALID, "network option " + name + " is not supported by berth");
        });
    }

    static NetworkException unreadable(String name, String text, String reason) {
        return new NetworkException(NetworkException.Kind.INVALID, "failed to parse " + name + " value: " + text + " (" + reason + ")");
    }
}
