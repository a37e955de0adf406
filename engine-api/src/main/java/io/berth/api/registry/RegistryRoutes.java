package io.berth.api.registry;

import io.berth.api.http.ApiException;
import io.berth.api.http.Exchange;
import io.berth.api.http.Router;
import io.berth.api.wire.registry.AuthRequest;
import java.util.Set;

/** The part of the API that asks registries: reads requests, calls {@link RegistryOperations}, writes responses. */
public final class RegistryRoutes {
    private static final Set<String> SEARCH_FILTERS = Set.of("is-official", "is-automated", "stars");
    private static final int DEFAULT_LIMIT = 25;
    private static final int HIGHEST_LIMIT = 100;
    /** Credentials, as clients send them with a request. */
    public static final String AUTH_HEADER = "X-Registry-Auth";

    private final RegistryOperations registries;

    public RegistryRoutes(RegistryOperations registries) {
        this.registries = registries;
    }

    public void addTo(Router router) {
        router.addLasting("POST", "/auth", this::authenticate)
                .addLasting("GET", "/images/search", this::search)
                .addLasting("GET", "/distribution/{name:.*}/json", this::describe);
    }

    private void authenticate(Exchange exchange) throws Exception {
        AuthRequest request = exchange.json(AuthRequest.class);
        exchange.respond(200, exchange.whileClientStays(() -> registries.authenticate(request)));
    }

    private void search(Exchange exchange) throws Exception {
        SearchImages request = new SearchImages(exchange.query().text("term"), limit(exchange.query().text("limit")),
                exchange.filters().requireKnown(SEARCH_FILTERS), exchange.header(AUTH_HEADER).orElse(""));
        exchange.respond(200, exchange.whileClientStays(() -> registries.search(request)));
    }

    private static int limit(String text) {
        int limit;
        try {
            limit = text.isEmpty() ? 0 : Integer.parseInt(text);
        } catch (NumberFormatException none) {
            throw ApiException.invalid("invalid limit specified: strconv.Atoi: parsing \"" + text + "\": invalid syntax");
        }
        if (limit < 0 || limit > HIGHEST_LIMIT) {
            throw ApiException.invalid("limit " + limit + " is outside the range of [1, " + HIGHEST_LIMIT + "]");
        }
        return limit == 0 ? DEFAULT_LIMIT : limit;
    }

    private void describe(Exchange exchange) throws Exception {
        String auth = exchange.header(AUTH_HEADER).orElse("");
        String name = exchange.parameter("name");
        exchange.respond(200, exchange.whileClientStays(() -> registries.describe(name, auth)));
    }
}
