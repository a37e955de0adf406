package io.berth.api.volume;

import io.berth.api.http.ApiException;
import io.berth.api.http.ApiVersion;
import io.berth.api.http.Exchange;
import io.berth.api.http.Filters;
import io.berth.api.http.Router;
import io.berth.api.wire.volume.CreateVolumeBody;
import java.io.IOException;
import java.util.Set;

/** The volume part of the API: reads requests, calls {@link VolumeOperations}, writes responses. */
public final class VolumeRoutes {
    private static final Set<String> LIST_FILTERS = Set.of("dangling", "driver", "label", "name");
    private static final Set<String> PRUNE_FILTERS = Set.of("all", "label", "label!");
    /** From here on prune spares what has a name, unless told otherwise. */
    private static final ApiVersion SPARES_NAMED = new ApiVersion(1, 42);

    private final VolumeOperations volumes;

    public VolumeRoutes(VolumeOperations volumes) {
        this.volumes = volumes;
    }

    public void addTo(Router router) {
        router.add("GET", "/volumes", this::list)
                .add("POST", "/volumes/create", this::create)
                .add("POST", "/volumes/prune", this::prune)
                .add("GET", "/volumes/{name:.*}", this::inspect)
                .add("DELETE", "/volumes/{name:.*}", this::remove);
    }

    private void list(Exchange exchange) throws IOException {
        exchange.respond(200, volumes.list(exchange.filters().requireKnown(LIST_FILTERS)));
    }

    private void create(Exchange exchange) throws IOException {
        exchange.respond(201, volumes.create(exchange.jsonIfAny(CreateVolumeBody.class).orElseGet(CreateVolumeBody::new)));
    }

    private void inspect(Exchange exchange) throws IOException {
        exchange.respond(200, volumes.inspect(exchange.parameter("name")));
    }

    private void remove(Exchange exchange) throws IOException {
        volumes.remove(exchange.parameter("name"), exchange.query().flag("force"));
        exchange.respond(204);
    }

    private void prune(Exchange exchange) throws IOException {
        Filters filters = exchange.filters().requireKnown(PRUNE_FILTERS);
        boolean named = exchange.version().compareTo(SPARES_NAMED) < 0 || filters.get("all").stream().anyMatch(VolumeRoutes::flag);
        exchange.respond(200, volumes.prune(filters, named));
    }

    /** As the reference reads it, with its words. */
    private static boolean flag(String text) {
        return switch (text) {
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default -> throw ApiException.invalid("invalid filter 'all': strconv.ParseBool: parsing \"" + text + "\": invalid syntax");
        };
    }
}
