package io.berth.api.registry;

import io.berth.api.wire.registry.AuthRequest;
import io.berth.api.wire.registry.AuthResponse;
import io.berth.api.wire.registry.DistributionInspect;
import io.berth.api.wire.registry.FoundImage;
import java.util.List;

/** What the API does with registries alone, leaving no trace on this machine. Called on a virtual thread each; every operation may block. */
public interface RegistryOperations {
    /** Checks credentials with a registry; refused ones are UNAUTHORIZED, or INTERNAL where the reference says so. */
    AuthResponse authenticate(AuthRequest request);

    /** In the registry's order. */
    List<FoundImage> search(SearchImages request);

    /**
     * Asks a registry what it has, without pulling it.
     *
     * @param registryAuth the header X-Registry-Auth as it came, or empty
     */
    DistributionInspect describe(String image, String registryAuth);
}
