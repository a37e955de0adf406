package io.berth.api.system;

import io.berth.api.http.Exchange;
import io.berth.api.http.Router;
import io.berth.api.wire.system.PrunedCaches;
import io.berth.api.wire.system.PrunedNetworks;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * What a prune answers of kinds that this engine has nothing of: networks that somebody made, and a cache of builds. With it
 * {@code docker system prune} goes through.
 */
public final class NothingThere {
    private static final Set<String> NETWORK_FILTERS = Set.of("until", "label", "label!");

    public void addTo(Router router) {
        router.add("POST", "/networks/prune", NothingThere::pruneNetworks)
                .add("POST", "/build/prune", exchange -> exchange.respond(200, new PrunedCaches(List.of(), 0)));
    }

    private static void pruneNetworks(Exchange exchange) throws IOException {
        exchange.filters().requireKnown(NETWORK_FILTERS);
        exchange.respond(200, new PrunedNetworks(List.of()));
    }
}
