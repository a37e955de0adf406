package io.berth.api;

import io.berth.api.container.ContainerOperations;
import io.berth.api.container.ContainerRoutes;
import io.berth.api.http.Router;
import io.berth.api.image.ImageOperations;
import io.berth.api.image.ImageRoutes;
import io.berth.api.system.SystemOperations;
import io.berth.api.system.SystemRoutes;

/** The whole API over an engine: what is built, and the answers for what is not. */
public final class ApiRoutes {
    private ApiRoutes() {
    }

    public static Router of(SystemOperations system, ContainerOperations containers, ImageOperations images) {
        Router router = new Router();
        new SystemRoutes(system).addTo(router);
        new ContainerRoutes(containers).addTo(router);
        new ImageRoutes(images).addTo(router);
        Operations.addUnbuiltTo(router);
        return router;
    }
}
