package io.berth.api.system;

import io.berth.api.http.Router;
import io.berth.api.wire.system.PrunedCaches;
import java.util.List;

/**
 * What a prune answers of a kind that this engine has nothing of: a cache of builds. With it {@code docker system prune} goes through.
 */
public final class NothingThere {

    public void addTo(Router router) {
        router.add("POST", "/build/prune", exchange -> exchange.respond(200, new PrunedCaches(List.of(), 0)));
    }
}
