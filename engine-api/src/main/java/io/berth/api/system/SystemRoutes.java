package io.berth.api.system;

import io.berth.api.http.ApiException;
import io.berth.api.http.ApiVersion;
import io.berth.api.http.Exchange;
import io.berth.api.http.JsonLines;
import io.berth.api.http.Router;
import io.berth.api.wire.system.DiskUsage;
import io.berth.api.wire.system.Event;
import java.io.IOException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The part of the API that concerns the engine as a whole: reads requests, calls {@link SystemOperations}, writes responses. */
public final class SystemRoutes {
    private static final ApiVersion FIRST_WITH_TYPES = new ApiVersion(1, 42);
    private static final ApiVersion FIRST_WITHOUT_VIRTUAL_SIZE = new ApiVersion(1, 44);

    private final SystemOperations system;

    public SystemRoutes(SystemOperations system) {
        this.system = system;
    }

    public void addTo(Router router) {
        router.add("GET", "/_ping", this::ping)
                .add("HEAD", "/_ping", this::ping)
                .add("GET", "/version", exchange -> exchange.respond(200, system.version()))
                .add("GET", "/info", exchange -> exchange.respond(200, system.info()))
                .addLasting("GET", "/events", this::events)
                .add("GET", "/system/df", this::diskUsage)
                .add("GET", "/plugins", exchange -> exchange.respond(200, List.of()));
    }

    private void ping(Exchange exchange) throws IOException {
        exchange.setHeader("Builder-Version", String.valueOf(system.ping().builderVersion()));
        exchange.setHeader("Cache-Control", "no-cache, no-store, must-revalidate");
        exchange.setHeader("Pragma", "no-cache");
        exchange.setHeader("Swarm", "inactive");
        exchange.respondText(200, "text/plain; charset=utf-8", exchange.method().equals("HEAD") ? "" : "OK");
    }

    private void diskUsage(Exchange exchange) throws IOException {
        Set<DiskUsageType> types = EnumSet.noneOf(DiskUsageType.class);
        if (!exchange.version().isBefore(FIRST_WITH_TYPES)) {
            exchange.query().all("type").forEach(word -> types.add(DiskUsageType.parse(word)));
        }
        DiskUsage usage = system.diskUsage(types.isEmpty() ? EnumSet.allOf(DiskUsageType.class) : types);
        exchange.respond(200, exchange.version().isBefore(FIRST_WITHOUT_VIRTUAL_SIZE) ? usage.withVirtualSizes() : usage);
    }

    private void events(Exchange exchange) throws Exception {
        Optional<Instant> since = exchange.query().instant("since");
        Optional<Instant> until = exchange.query().instant("until");
        if (since.isPresent() && until.isPresent() && since.get().isAfter(until.get())) {
            throw ApiException.invalid("`since` time (" + exchange.query().text("since") + ") cannot be after `until` time ("
                    + exchange.query().text("until") + ")");
        }
        EventsRequest request = new EventsRequest(since, until, exchange.filters());
        try (EventSubscription events = system.subscribe(request)) {
            JsonLines lines = exchange.jsonLines();
            exchange.whileClientStays(() -> {
                for (Optional<Event> next = events.next(); next.isPresent(); next = events.next()) {
                    lines.write(next.get());
                }
                return true;
            });
        }
    }
}
