package io.berth.daemon.dns;

import io.berth.daemon.network.address.IpAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A container's place in a network that has names.
 *
 * @param network     its id
 * @param networkName what {@code name.network} ends with
 * @param names       under which the others find it, its own name first
 * @param links       names that it alone has for others, by their keys, and the keys of what the others are called
 * @param addresses   of one or both families
 */
record Membership(String network, String networkName, List<String> names, Map<String, String> links, List<IpAddress> addresses) {

    Membership {
        names = List.copyOf(names);
        links = links.entrySet().stream().collect(Collectors.toUnmodifiableMap(link -> key(link.getKey()), link -> key(link.getValue()),
                (former, later) -> later));
        addresses = List.copyOf(addresses);
    }

    /** Whether this key is for what the container has linked itself to, and hides whoever has that name in the network. */
    boolean isLink(String key) {
        return links.containsKey(key);
    }

    /** The key in the network of what the container means by one. */
    String meant(String key) {
        return links.getOrDefault(key, key);
    }

    List<String> keys() {
        return names.stream().map(Membership::key).distinct().toList();
    }

    /** Names differ in more than their case. */
    static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
