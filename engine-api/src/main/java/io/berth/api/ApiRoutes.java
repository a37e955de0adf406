package io.berth.api;

import io.berth.api.container.ContainerOperations;
import io.berth.api.container.ContainerRoutes;
import io.berth.api.container.FileOperations;
import io.berth.api.container.FileRoutes;
import io.berth.api.exec.ExecOperations;
import io.berth.api.exec.ExecRoutes;
import io.berth.api.http.Router;
import io.berth.api.image.ImageOperations;
import io.berth.api.image.ImageRoutes;
import io.berth.api.network.NetworkOperations;
import io.berth.api.network.NetworkRoutes;
import io.berth.api.registry.RegistryOperations;
import io.berth.api.registry.RegistryRoutes;
import io.berth.api.system.NothingThere;
import io.berth.api.system.SystemOperations;
import io.berth.api.system.SystemRoutes;
import io.berth.api.verify.VerifyOperations;
import io.berth.api.verify.VerifyRoutes;
import io.berth.api.volume.VolumeOperations;
import io.berth.api.volume.VolumeRoutes;
import java.util.function.UnaryOperator;

/** The whole API over an engine: what is built, and the answers for what is not. */
public final class ApiRoutes {
    private ApiRoutes() {
    }

    /** @param failures turns failures of the operations into {@link io.berth.api.http.ApiException}s, as far as they are foreseen */
    public static Router of(SystemOperations system, ContainerOperations containers, ExecOperations execs,
            FileOperations files, ImageOperations images, RegistryOperations registries, VolumeOperations volumes,
            NetworkOperations networks, VerifyOperations verify, UnaryOperator<RuntimeException> failures) {
        Router router = new Router(failures);
        new SystemRoutes(system).addTo(router);
        new NothingThere().addTo(router);
        Operations.addCheckpointsTo(router);
        new ContainerRoutes(containers).addTo(router);
        new FileRoutes(files).addTo(router);
        new ExecRoutes(execs).addTo(router);
        // Before the images, whose names may be anything.
        new RegistryRoutes(registries).addTo(router);
        new ImageRoutes(images).addTo(router);
        new VolumeRoutes(volumes).addTo(router);
        new NetworkRoutes(networks).addTo(router);
        new VerifyRoutes(verify).addTo(router);
        Operations.addUnbuiltTo(router);
        return router;
    }
}
