package io.berth.daemon.network.macvlan;

import io.berth.daemon.network.definition.Driver;
import io.berth.daemon.network.definition.EndpointId;
import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.definition.ParentOptions;
import io.berth.daemon.network.link.ContainerEnd;
import io.berth.daemon.network.link.ContainerNamespace;
import io.berth.daemon.network.link.HostLinks;
import io.berth.daemon.network.link.HostNetwork;
import io.berth.daemon.network.sandbox.Endpoint;
import io.berth.linux.netlink.RouteBatch;
import io.berth.linux.netlink.RouteReader;
import java.util.Locale;

/** A macvlan or ipvlan network: each container has a link of its own on the same link of the host. */
public final class ParentNetwork implements HostNetwork {

    private final HostLinks links;
    private final NetworkDefinition network;
    private final ParentOptions options;
    private final ParentLink parent;

    public ParentNetwork(HostLinks links, NetworkDefinition network) {
        this.links = links;
        this.network = network;
        this.options = ParentOptions.of(network.driver(), network.options());
        this.parent = new ParentLink(links, network);
    }

    @Override
    public boolean exists() {
        return parent.exists();
    }

    @Override
    public void prepare() {
        parent.prepare();
        parent.require(network.driver());
    }

    @Override
    public EndpointId attach(ContainerNamespace container, Wiring wiring) {
        String name = wiring.place().link();
        // the parent may have been made anew since, by whoever owns it
        RouteBatch.ChildLink child = new RouteBatch.ChildLink(name, parent.prepare(), container.handle(), options.mtu());
        RouteBatch batch = new RouteBatch();
        if (network.driver() == Driver.MACVLAN) {
            batch.createMacvlan(child, wiring.place().mac().bytes(), RouteBatch.MacvlanMode.valueOf(upper(options.mode())));
        } else {
            batch.createIpvlan(child, RouteBatch.IpvlanMode.valueOf(upper(options.mode())), RouteBatch.IpvlanFlag.valueOf(upper(options.flag())));
        }
        batch.send(links.routes());
        RouteReader.Link link = inside(container, name);
        try {
            ContainerEnd.configure(container, link.index(), wiring);
        } catch (RuntimeException failure) {
            delete(container, link.index());
            throw failure;
        }
        return EndpointId.random();
    }

    private static String upper(String word) {
        return word.toUpperCase(Locale.ROOT);
    }

    private static RouteReader.Link inside(ContainerNamespace container, String name) {
        return new RouteReader(container.routes()).link(name).orElseThrow(() -> new IllegalStateException("link " + name
                + " was made in the container's namespace and is not there"));
    }

    private static void delete(ContainerNamespace container, int index) {
        new RouteBatch().deleteLink(index).send(container.routes());
    }

    @Override
    public void detach(ContainerNamespace container, Endpoint endpoint) {
        endpoint.place().flatMap(place -> new RouteReader(container.routes()).link(place.link()))
                .ifPresent(link -> delete(container, link.index()));
    }

    @Override
    public void remove() {
        parent.remove();
    }
}
