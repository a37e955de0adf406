package io.berth.daemon.container;

import io.berth.daemon.system.EventLog;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tells what happens to containers, with the attributes of the reference engine: all labels, image, name, and the action's own. */
final class ContainerEvents {

    private final EventLog log;

    ContainerEvents(EventLog log) {
        this.log = log;
    }

    void publish(Container container, String action) {
        publish(container, action, Map.of());
    }

    void publish(Container container, String action, Map<String, String> more) {
        Map<String, String> attributes = new LinkedHashMap<>(container.definition().config().labels);
        attributes.put("image", container.definition().config().image);
        attributes.put("name", container.name());
        attributes.putAll(more);
        log.publish("container", action, container.id().hex(), attributes);
    }

    /** A container joined or left a network. */
    void network(Container container, String action) {
        container.endpoint().ifPresent(endpoint -> log.publish("network", action, endpoint.network().hex(), Map.of(
                "container", container.id().hex(), "name", container.spec().networking().kind().toString(),
                "type", container.spec().networking().kind().driver())));
    }
}
