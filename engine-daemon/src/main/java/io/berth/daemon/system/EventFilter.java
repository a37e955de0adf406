package io.berth.daemon.system;

import io.berth.api.http.Filters;
import io.berth.api.wire.system.Event;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which events a listener wants, as {@code docker events --filter} says it: values of one key are alternatives, different
 * keys must all agree, and of several labels each must be there.
 */
final class EventFilter {

    private final Filters wanted;

    /** As in the reference, a key that nobody knows is no filter; those of what this engine does not have match nothing. */
    private static final Set<String> KNOWN = Set.of("config", "container", "daemon", "event", "image", "label", "network", "node", "plugin",
            "scope", "secret", "service", "type", "volume");

    EventFilter(Filters wanted) {
        this.wanted = wanted;
    }

    boolean passes(Event event) {
        return wanted.values().entrySet().stream()
                .filter(entry -> KNOWN.contains(entry.getKey()) && !entry.getValue().isEmpty()).allMatch(entry -> passes(event, entry.getKey(), entry.getValue()));
    }

    private boolean passes(Event event, String key, List<String> values) {
        return switch (key) {
            case "event" -> any(values, value -> event.action().equals(value) || event.action().startsWith(value + ": "));
            case "type" -> values.contains(event.type());
            case "scope" -> values.contains(event.scope());
            case "label" -> wanted.matchesLabels(event.actor().attributes());
            case "image" -> any(values, value -> isImage(event, value));
            default -> any(values, value -> isActor(event, value));
        };
    }

    private static boolean any(List<String> values, Predicate<String> test) {
        return values.stream().anyMatch(test);
    }

    /** By the beginning of its id or name, whatever it is: {@code container=web} passes the volume {@code web-data} in the reference too. */
    private static boolean isActor(Event event, String value) {
        return event.actor().id().startsWith(value) || event.actor().attributes().getOrDefault("name", "").startsWith(value);
    }

    /** An image's own events, and those of containers that run it; with or without its tag. */
    private static boolean isImage(Event event, String value) {
        Map<String, String> attributes = event.actor().attributes();
        String image = event.type().equals("image") ? attributes.getOrDefault("name", "") : attributes.getOrDefault("image", "");
        return event.type().equals("image") && event.actor().id().equals(value) || image.equals(value) || untagged(image).equals(value);
    }

    private static String untagged(String image) {
        int colon = image.lastIndexOf(':');
        return colon > image.lastIndexOf('/') ? image.substring(0, colon) : image;
    }
}
