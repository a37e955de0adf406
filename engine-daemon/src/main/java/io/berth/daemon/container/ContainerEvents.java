package io.berth.daemon.container;

import io.berth.daemon.network.definition.NetworkDefinition;
import io.berth.daemon.network.definition.NetworkId;
import io.berth.daemon.spec.ContainerMount;
import io.berth.daemon.system.EventLog;
import io.berth.daemon.volume.VolumeName;
import io.berth.linux.mount.MountSpec.Protection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Tells what happens to containers, with the attributes of the reference engine: all labels, image, name, and the action's own. */
final class ContainerEvents {

    private final EventLog log;
    private final Directory networks;
    private final Function<VolumeName, String> drivers;

    /** Knows networks by their ids. */
    interface Directory {
        Optional<NetworkDefinition> find(NetworkId id);
    }

    /** @param drivers who keeps a volume */
    ContainerEvents(EventLog log, Directory networks, Function<VolumeName, String> drivers) {
        this.log = log;
        this.networks = networks;
        this.drivers = drivers;
    }

    void publish(Container container, String action) {
        publish(container, action, Map.of());
    }

    void publish(Container container, String action, Map<String, String> more) {
        log.publish("container", action, container.id().hex(), attributes(container, more));
    }

    /** Only to those who listen now. */
    void announce(Container container, String action, Map<String, String> more) {
        if (log.listeners() > 0) {
            log.announce("container", action, container.id().hex(), attributes(container, more));
        }
    }

    private static Map<String, String> attributes(Container container, Map<String, String> more) {
        Map<String, String> attributes = new LinkedHashMap<>(container.definition().config().labels);
        attributes.put("image", container.definition().config().image);
        attributes.put("name", container.name());
        attributes.putAll(more);
        return attributes;
    }

    /**
     * A container begins or ends to have its volumes mounted.
     *
     * @param action {@code mount} or {@code unmount}
     */
    void volumes(Container container, String action) {
        for (ContainerMount mount : container.definition().mounts()) {
            if (mount instanceof ContainerMount.InVolume volume) {
                Map<String, String> attributes = new LinkedHashMap<>(Map.of("container", container.id().hex(), "driver",
                        drivers.apply(new VolumeName(volume.volume()))));
                if (action.equals("mount")) {
                    attributes.putAll(Map.of("destination", volume.destination(), "propagation", "", "read/write",
                            Boolean.toString(volume.protection() == Protection.NONE)));
                }
                log.publish("volume", action, volume.volume(), attributes);
            }
        }
    }

    /** A container that starts or ends has joined or left its networks. */
    void networks(Container container, String action) {
        container.sandbox().ifPresent(sandbox -> sandbox.endpoints().forEach(endpoint ->
                networks.find(endpoint.network()).ifPresent(network -> network(container, network, action))));
    }

    /** A container joined or left a network. @param action {@code connect} or {@code disconnect} */
    void network(Container container, NetworkDefinition network, String action) {
        log.publish("network", action, network.id().hex(), Map.of("container", container.id().hex(), "name", network.name(),
                "type", network.driver().toString()));
    }
}
