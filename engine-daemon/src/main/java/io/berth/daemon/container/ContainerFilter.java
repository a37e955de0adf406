package io.berth.daemon.container;

import io.berth.api.http.ApiException;
import io.berth.api.http.Filters;
import io.berth.daemon.network.definition.NetworkId;
import io.berth.daemon.network.port.PublishedPort;
import io.berth.daemon.network.sandbox.Sandbox;
import io.berth.daemon.spec.ContainerMount;
import io.berth.store.content.Digest;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

/** The filters of {@code docker ps}. */
final class ContainerFilter {

    private static final List<String> HEALTH = List.of("none", "starting", "healthy", "unhealthy");
    private static final Set<String> KEYS = Set.of("ancestor", "before", "exited", "expose", "health", "id", "is-task", "isolation", "label",
            "label!", "name", "network", "publish", "since", "status", "volume");
    private static final List<String> STATES = List.of("created", "running", "paused", "restarting", "removing", "exited", "dead");

    private static final int LARGEST_PORT = 65535;
    private static final int LONGEST_PORT = 5;

    private final Filters filters;
    private final Containers containers;
    private final Set<Digest> ancestors;
    private final Function<Container, List<NetworkId>> networks;
    private final boolean isTask;

    /**
     * @param images finds the image that a client means and those made from it
     * @param networks the ids of a container's networks, as inspect shows them
     * @throws ApiException for an unknown filter or value
     */
    ContainerFilter(Filters filters, Containers containers, Function<String, Set<Digest>> images, Function<Container, List<NetworkId>> networks) {
        this.filters = filters.requireKnown(KEYS);
        this.containers = containers;
        this.networks = networks;
        for (String status : filters.get("status")) {
            if (!STATES.contains(status)) {
                throw ApiException.invalid("invalid filter 'status=" + status + "': invalid value for state (" + status + "): must be one of "
                        + String.join(", ", STATES));
            }
        }
        filters.get("exited").forEach(ContainerFilter::exitCode);
        filters.get("publish").forEach(port -> checkPort("publish", port));
        filters.get("expose").forEach(port -> checkPort("expose", port));
        ancestors = filters.get("ancestor").stream().flatMap(text -> images.apply(text).stream()).collect(Collectors.toSet());
        isTask = filters.flag("is-task", false);
        filters.get("health").forEach(ContainerFilter::requireHealth);
    }

    /** Whether the filters ask for more than what runs. */
    boolean asksForAll() {
        return filters.has("status");
    }

    boolean passes(Container container) {
        ContainerState state = container.state();
        return filters.matchesAny("id", id -> container.id().hex().startsWith(id))
                && filters.matchesAny("name", name -> isNamed(container, name))
                && filters.matchesLabels(container.definition().config().labels)
                && filters.matchesAny("status", status -> status.equals(state.word()))
                && filters.matchesAny("exited", code -> state instanceof ContainerState.Exited exited && exited.exitCode() == exitCode(code))
                && (!filters.has("ancestor") || ancestors.contains(container.definition().imageId()))
                && filters.matchesAny("network", network -> isNetwork(container, network))
                && filters.matchesAny("publish", port -> published(container).stream()
                        .anyMatch(published -> port(port, published.hostPort(), published.protocol().toString())))
                && filters.matchesAny("expose", port -> isExposed(container, port))
                && filters.matchesAny("volume", volume -> container.definition().mounts().stream()
                        .anyMatch(mount -> mount.destination().equals(volume) || isSource(mount, volume)))
                && filters.matchesAny("health", health -> health.equals(health(container)))
                && !isTask
                && filters.matchesAny("before", other -> container.created().isBefore(containers.resolve(other).created()))
                && filters.matchesAny("since", other -> container.created().isAfter(containers.resolve(other).created()));
    }

    /** The ports of the host that lead to it; only while it runs, as in the reference. */
    private static List<PublishedPort> published(Container container) {
        return container.sandbox().map(Sandbox::ports).orElse(List.of());
    }

    private static boolean isExposed(Container container, String port) {
        return container.state().isRunning() && (container.exposedPorts().stream()
                .anyMatch(exposed -> port(port, exposed.number(), exposed.protocol().toString()))
                || published(container).stream().anyMatch(open -> port(port, open.containerPort(), open.protocol().toString())));
    }

    private static boolean isSource(ContainerMount mount, String text) {
        return switch (mount) {
            case ContainerMount.HostFile file -> file.source().equals(text);
            case ContainerMount.InVolume volume -> volume.volume().equals(text);
            case ContainerMount.OfImage image -> image.reference().equals(text);
            case ContainerMount.InMemory ignored -> false;
        };
    }

    private static void requireHealth(String health) {
        if (!HEALTH.contains(health)) {
            throw ApiException.invalid("invalid filter 'health=" + health + "': invalid value for health (" + health + "): must be one of "
                    + String.join(", ", HEALTH));
        }
    }

    private static String health(Container container) {
        return container.health().map(health -> health.status().word()).orElse("none");
    }

    /** By its name, or by the beginning of its id. */
    private boolean isNetwork(Container container, String network) {
        return container.definition().networks().containsKey(network)
                || !network.isEmpty() && networks.apply(container).stream().anyMatch(id -> id.hex().startsWith(network));
    }

    /** {@code 80}, {@code 80/tcp} or a range {@code 80-90/tcp}. */
    private static boolean port(String asked, int port, String protocol) {
        String[] parts = asked.split("/", 2);
        String[] range = parts[0].split("-", 2);
        return (parts.length == 1 ? "tcp" : parts[1]).equals(protocol) && port >= number(range[0])
                && port <= number(range[range.length - 1]);
    }

    private static int number(String text) {
        return Integer.parseInt(text);
    }

    private static int exitCode(String text) {
        if (!text.matches("[+-]?[0-9]{1,9}")) {
            throw ApiException.invalid("invalid filter 'exited=" + text + "': strconv.Atoi: parsing \"" + text + "\": invalid syntax");
        }
        return Integer.parseInt(text);
    }

    private static void checkPort(String key, String port) {
        String attempt = "error while looking up for " + key + " " + port + ": ";
        if (port.isEmpty()) {
            throw ApiException.invalid(attempt + "Empty string specified for ports.");
        }
        if (!port.matches("[0-9]+(-[0-9]+)?(/[A-Za-z]+)?")) {
            throw ApiException.invalid(attempt + "strconv.ParseUint: parsing \"" + port + "\": invalid syntax");
        }
        for (String number : port.split("/", 2)[0].split("-", 2)) {
            if (number.length() > LONGEST_PORT || number(number) > LARGEST_PORT) {
                throw ApiException.invalid(attempt + "strconv.ParseUint: parsing \"" + number + "\": value out of range");
            }
        }
    }

    /** Anywhere in the name; a pattern that is none fits nothing. */
    private static boolean isNamed(Container container, String name) {
        try {
            Pattern pattern = Pattern.compile(name);
            return pattern.matcher(container.name()).find() || pattern.matcher("/" + container.name()).find();
        } catch (PatternSyntaxException invalid) {
            return false;
        }
    }
}
