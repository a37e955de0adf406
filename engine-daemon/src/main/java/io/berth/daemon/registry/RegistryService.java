package io.berth.daemon.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.api.http.ApiException;
import io.berth.api.registry.RegistryOperations;
import io.berth.api.registry.SearchImages;
import io.berth.api.wire.registry.AuthRequest;
import io.berth.api.wire.registry.AuthResponse;
import io.berth.api.wire.registry.DistributionInspect;
import io.berth.api.wire.registry.DistributionInspect.Platform;
import io.berth.api.wire.registry.FoundImage;
import io.berth.store.content.Digest;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Json;
import io.berth.store.image.Manifest;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.registry.Found;
import io.berth.store.registry.Registries.Access;
import io.berth.store.registry.RegistryException;
import io.berth.store.registry.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** The API's operations on registries. */
public final class RegistryService implements RegistryOperations {

    private static final int LARGEST_CONFIG = 4 << 20;

    private final RegistryAccess registries;

    public RegistryService(RegistryAccess registries) {
        this.registries = registries;
    }

    @Override
    public AuthResponse authenticate(AuthRequest request) {
        return new AuthResponse("Login Succeeded", registries.get().login(request.serverAddress(), RegistryAuth.of(request)));
    }

    @Override
    public List<FoundImage> search(SearchImages request) {
        int stars = request.filters().get("stars").stream().mapToInt(RegistryService::stars).max().orElse(0);
        boolean officialGiven = request.filters().has("is-official");
        boolean official = request.filters().flag("is-official", false);
        // Nothing is automated any more.
        boolean none = request.filters().flag("is-automated", false);
        return registries.get().search(request.term(), request.limit(), RegistryAuth.parse(request.registryAuth())).stream()
                .filter(found -> !none && found.stars() >= stars && (!officialGiven || found.official() == official))
                .map(RegistryService::shown).toList();
    }

    private static int stars(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException none) {
            throw ApiException.invalid("invalid filter 'stars=" + text + "': strconv.Atoi: parsing \"" + text + "\": invalid syntax");
        }
    }

    private static FoundImage shown(Found found) {
        return new FoundImage(found.stars(), found.official(), found.name(), false, found.description());
    }

    @Override
    public DistributionInspect describe(String image, String registryAuth) {
        ImageReference name = ImageReference.parse(image).withDefaultTag();
        Repository repository = registries.get().repository(name, RegistryAuth.parse(registryAuth), Access.PULL);
        try {
            // As the reference asks: first what there is, then for that.
            Descriptor descriptor = repository.describe(name.digest().map(Digest::toString).or(name::tag).orElseThrow());
            Repository.Document document = repository.manifest(descriptor.digest().toString());
            return new DistributionInspect(new DistributionInspect.Descriptor(descriptor.mediaType(), descriptor.digest().toString(), descriptor.size()),
                    platforms(repository, Manifest.read(document.content())));
        } catch (RegistryException failure) {
            // Here the reference tells the registry's own words, without those of a pull around them.
            throw failure.getCause() instanceof RegistryException told ? told : failure;
        }
    }

    private static List<Platform> platforms(Repository repository, Manifest manifest) {
        return switch (manifest) {
            case Manifest.Index index -> index.manifests().stream().flatMap(entry -> entry.platform().stream())
                    .map(platform -> new Platform(platform.architecture(), platform.os(), platform.variant())).toList();
            case Manifest.Image single -> platform(repository, single.config());
        };
    }

    /** An image tells its platform in its configuration. What is no image, such as a chart, has none. */
    private static List<Platform> platform(Repository repository, Descriptor config) {
        if (config.size() > LARGEST_CONFIG) {
            return List.of();
        }
        try (InputStream in = repository.blob(config, 0)) {
            byte[] content = in.readNBytes(LARGEST_CONFIG);
            if (!Digest.of(content).equals(config.digest())) {
                throw new RegistryException(RegistryException.Kind.INVALID,
                        "the configuration " + config.digest() + " has another digest: " + Digest.of(content));
            }
            JsonNode json = Json.parse(content, "configuration");
            return Json.text(json, "os").isEmpty() ? List.of()
                    : List.of(new Platform(Json.text(json, "architecture"), Json.text(json, "os"), Json.text(json, "variant")));
        } catch (IOException failure) {
            throw new RegistryException(RegistryException.Kind.UNAVAILABLE, failure.getMessage(), failure);
        }
    }
}
