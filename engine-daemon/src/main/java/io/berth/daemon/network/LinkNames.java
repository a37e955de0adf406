package io.berth.daemon.network;

import io.berth.daemon.network.address.NetworkException;
import io.berth.daemon.network.sandbox.EndpointOptions;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** Chooses what a container's links are called: as asked for, else the network's prefix and the first free number. */
final class LinkNames {

    private final Set<String> used;

    LinkNames(Collection<String> used) {
        this.used = new HashSet<>(used);
    }

    String choose(EndpointOptions options, String prefix) {
        String name = options.link().orElseGet(() -> firstFree(prefix));
        if (!used.add(name)) {
            throw new NetworkException(NetworkException.Kind.UNAVAILABLE, "cannot name a link of the container " + name
                    + ": it has a link of this name already");
        }
        return name;
    }

    private String firstFree(String prefix) {
        int number = 0;
        while (used.contains(prefix + number)) {
            number++;
        }
        return prefix + number;
    }
}
