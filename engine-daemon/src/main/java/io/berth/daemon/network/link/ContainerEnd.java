package io.berth.daemon.network.link;

import io.berth.daemon.network.address.IpAddress;
import io.berth.daemon.network.address.IpFamily;
import io.berth.daemon.network.sandbox.Place;
import io.berth.linux.kernel.Errno;
import io.berth.linux.netlink.NetlinkException;
import io.berth.linux.netlink.RouteBatch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The end of a link inside a container: addresses, routes, and whether it is up. */
public final class ContainerEnd {

    /** What an address that says nothing about its prefix has: the reference's for {@code --link-local-ip}. */
    private static final int LINK_LOCAL_PREFIX_V4 = 16;
    private static final int LINK_LOCAL_PREFIX_V6 = 64;

    private ContainerEnd() {
    }

    /** @param index of the link, which is there and down */
    public static void configure(ContainerNamespace container, int index, HostNetwork.Wiring wiring) {
        Place place = wiring.place();
        boolean v6 = place.ipv6().isPresent() || place.linkLocal().stream().anyMatch(IpAddress::isV6);
        Map<String, String> files = new LinkedHashMap<>();
        if (v6) {
            // links have none unless somebody asks for it: so namespaces are prepared
            files.put("ipv6/conf/" + place.link() + "/disable_ipv6", "0");
        }
        files.putAll(wiring.sysctls());
        if (!files.isEmpty()) {
            container.write(files);
        }
        RouteBatch batch = new RouteBatch();
        place.assigned().forEach(assigned -> batch.addAddress(index, assigned.address().bytes(), assigned.prefixLength()));
        place.linkLocal().forEach(address -> batch.addAddress(index, address.bytes(), address.isV4() ? LINK_LOCAL_PREFIX_V4 : LINK_LOCAL_PREFIX_V6));
        batch.setUp(index);
        addRoutes(batch, index, place, wiring.routes());
        batch.send(container.routes());
    }

    /** Leads default routes of a running container through this link; where it has made one itself, that stays. */
    public static void addRoutes(ContainerNamespace container, Place place, Set<IpFamily> families) {
        container.link(place.link()).ifPresent(index -> tolerant(Errno.EEXIST, () -> {
            RouteBatch batch = new RouteBatch();
            addRoutes(batch, index, place, families);
            batch.send(container.routes());
        }));
    }

    private static void addRoutes(RouteBatch batch, int index, Place place, Set<IpFamily> families) {
        for (IpFamily family : families) {
            place.assigned(family).ifPresent(assigned -> assigned.gateway().ifPresentOrElse(gateway -> batch.addDefaultRoute(index, gateway.bytes()),
                    () -> batch.addDefaultRouteToLink(index, family == IpFamily.V4)));
        }
    }

    /** Takes them away from this link; what the container has changed itself meanwhile is no error. */
    public static void removeRoutes(ContainerNamespace container, Place place, Set<IpFamily> families) {
        for (IpFamily family : families) {
            container.link(place.link()).ifPresent(index -> place.assigned(family).ifPresent(assigned -> tolerant(Errno.ESRCH, () -> {
                RouteBatch batch = new RouteBatch();
                assigned.gateway().ifPresentOrElse(gateway -> batch.removeDefaultRoute(index, gateway.bytes()),
                        () -> batch.removeDefaultRouteToLink(index, family == IpFamily.V4));
                batch.send(container.routes());
            })));
        }
    }

    private static void tolerant(Errno expected, Runnable work) {
        try {
            work.run();
        } catch (NetlinkException refusal) {
            if (refusal.errno() != expected) {
                throw refusal;
            }
        }
    }
}
