package io.berth.daemon.network;

import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.link.ContainerEnd;
import io.berth.daemon.network.link.ContainerNamespace;
import io.berth.daemon.network.sandbox.Place;
import java.util.Optional;
import java.util.Set;

/** The default routes of a container that runs, on their way from some of its links to others. */
record DefaultRoutes(ContainerNamespace container, Gateways before, Gateways after) {

    void move() {
        for (IpFamily family : IpFamily.values()) {
            replace(family, before, after);
        }
    }

    void moveBack() {
        for (IpFamily family : IpFamily.values()) {
            replace(family, after, before);
        }
    }

    /** Where the former link is gone already, and its routes with it. */
    void add() {
        for (IpFamily family : IpFamily.values()) {
            if (!place(before, family).equals(place(after, family))) {
                place(after, family).ifPresent(to -> ContainerEnd.addRoutes(container, to, Set.of(family)));
            }
        }
    }

    private void replace(IpFamily family, Gateways former, Gateways next) {
        Optional<Place> from = place(former, family);
        Optional<Place> to = place(next, family);
        if (!from.equals(to)) {
            from.ifPresent(place -> ContainerEnd.removeRoutes(container, place, Set.of(family)));
            to.ifPresent(place -> ContainerEnd.addRoutes(container, place, Set.of(family)));
        }
    }

    private static Optional<Place> place(Gateways gateways, IpFamily family) {
        return gateways.of(family).map(Gateways.Candidate::place);
    }
}
