package io.berth.api.network;

import io.berth.api.http.ApiException;
import io.berth.api.http.Exchange;
import io.berth.api.http.Router;
import io.berth.api.wire.network.ConnectBody;
import io.berth.api.wire.network.CreateNetworkBody;
import io.berth.api.wire.network.DisconnectBody;
import java.io.IOException;
import java.util.Set;

/** The network part of the API: reads requests, calls {@link NetworkOperations}, writes responses. */
public final class NetworkRoutes {
    private static final Set<String> LIST_FILTERS = Set.of("dangling", "driver", "id", "label", "name", "scope", "type");
    private static final Set<String> PRUNE_FILTERS = Set.of("until", "label", "label!");

    /** What Go reads as a truth value. */
    private static final Set<String> TRUTH_VALUES = Set.of("", "1", "t", "T", "true", "TRUE", "True", "0", "f", "F", "false", "FALSE", "False");

    private final NetworkOperations networks;

    public NetworkRoutes(NetworkOperations networks) {
        this.networks = networks;
    }

    /** A name may have any character, slashes too. */
    public void addTo(Router router) {
        router.add("GET", "/networks", this::list)
                .add("GET", "/networks/", this::list)
                .add("GET", "/networks/{id:.*}", this::inspect)
                .add("POST", "/networks/create", this::create)
                .add("POST", "/networks/prune", this::prune)
                .add("POST", "/networks/{id:.*}/connect", this::connect)
                .add("POST", "/networks/{id:.*}/disconnect", this::disconnect)
                .add("DELETE", "/networks/{id:.*}", this::remove);
    }

    private void list(Exchange exchange) throws IOException {
        exchange.respond(200, networks.list(exchange.filters().requireKnown(LIST_FILTERS)));
    }

    /** {@code verbose} asks for the services of a swarm, which are nowhere here. */
    private void inspect(Exchange exchange) throws IOException {
        String verbose = exchange.query().text("verbose");
        if (!TRUTH_VALUES.contains(verbose)) {
            throw ApiException.invalid("invalid value for verbose: " + verbose + ": strconv.ParseBool: parsing \"" + verbose + "\": invalid syntax");
        }
        exchange.respond(200, networks.inspect(exchange.parameter("id"), exchange.query().optional("scope")));
    }

    private void create(Exchange exchange) throws IOException {
        exchange.respond(201, networks.create(exchange.jsonIfAny(CreateNetworkBody.class).orElseGet(CreateNetworkBody::new)));
    }

    private void remove(Exchange exchange) throws IOException {
        networks.remove(exchange.parameter("id"));
        exchange.respond(204);
    }

    private void connect(Exchange exchange) throws IOException {
        ConnectBody body = exchange.jsonIfAny(ConnectBody.class).orElseGet(ConnectBody::new);
        networks.connect(exchange.parameter("id"), requireContainer(body.container), body.endpointConfig);
        exchange.respond(200);
    }

    private void disconnect(Exchange exchange) throws IOException {
        DisconnectBody body = exchange.jsonIfAny(DisconnectBody.class).orElseGet(() -> new DisconnectBody("", false));
        networks.disconnect(exchange.parameter("id"), requireContainer(body.container()), body.force());
        exchange.respond(200);
    }

    private static String requireContainer(String name) {
        if (name.isEmpty()) {
            throw ApiException.invalid("invalid name or ID supplied: \"\"");
        }
        return name;
    }

    private void prune(Exchange exchange) throws IOException {
        exchange.respond(200, networks.prune(exchange.filters().requireKnown(PRUNE_FILTERS)));
    }
}
