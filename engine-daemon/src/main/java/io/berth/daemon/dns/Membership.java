package io.berth.daemon.dns;

import io.berth.daemon.network.address.IpAddress;
import java.util.List;
import java.util.Locale;

/**
 * A container's place in a network that has names.
 *
 * @param network     its id
 * @param networkName what {@code name.network} ends with
 * @param names       under which the others find it, its own name first
 * @param addresses   of one or both families
 */
record Membership(String network, String networkName, List<String> names, List<IpAddress> addresses) {

    Membership {
        names = List.copyOf(names);
        addresses = List.copyOf(addresses);
    }

    List<String> keys() {
        return names.stream().map(Membership::key).distinct().toList();
    }

    /** Names differ in more than their case. */
    static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
