package io.berth.api;

import io.berth.api.http.ApiException;
import io.berth.api.registry.RegistryOperations;
import io.berth.api.registry.SearchImages;
import io.berth.api.wire.registry.AuthRequest;
import io.berth.api.wire.registry.AuthResponse;
import io.berth.api.wire.registry.DistributionInspect;
import io.berth.api.wire.registry.FoundImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Registries that know one image and one password, and remember what they were asked. */
public final class FakeRegistries implements RegistryOperations {
    public final List<Object> asked = Collections.synchronizedList(new ArrayList<>());

    @Override
    public AuthResponse authenticate(AuthRequest request) {
        if (!request.password().equals("right")) {
            throw new ApiException(ApiException.Kind.UNAUTHORIZED, "log in to " + request.serverAddress() + ": wrong password");
        }
        return new AuthResponse("Login Succeeded", "");
    }

    @Override
    public List<FoundImage> search(SearchImages request) {
        asked.add(request);
        return List.of(new FoundImage(3, true, "busybox", false, "small"));
    }

    @Override
    public DistributionInspect describe(String image, String registryAuth) {
        asked.add(image + ' ' + registryAuth);
        return new DistributionInspect(new DistributionInspect.Descriptor("type", "sha256:1", 2),
                List.of(new DistributionInspect.Platform("amd64", "linux", "")));
    }
}
