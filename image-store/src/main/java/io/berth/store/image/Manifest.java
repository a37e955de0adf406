package io.berth.store.image;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.store.content.Digest;
import io.berth.store.content.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One document of a registry or an OCI layout: an image's manifest, which names its configuration and layers, or an index of
 * manifests for several platforms. Of Docker's and of OCI's media types.
 */
public sealed interface Manifest {

    /** @param layers from the lowest up */
    record Image(String mediaType, Descriptor config, List<Descriptor> layers) implements Manifest {}

    record Index(String mediaType, List<Descriptor> manifests) implements Manifest {}

    /** Names a blob. {@code platform} is given in an index only. */
    record Descriptor(String mediaType, Digest digest, long size, Optional<Platform> platform, Map<String, String> annotations) {}

    /** What a manifest in an index is for; {@code variant} may be empty. */
    record Platform(String os, String architecture, String variant) {}

    /** @throws StoreException invalid, when it is neither */
    static Manifest read(byte[] document) {
        JsonNode json = Json.parse(document, "manifest");
        String mediaType = Json.text(json, "mediaType");
        if (json.path("manifests").isArray()) {
            return new Index(mediaType, descriptors(json.path("manifests")));
        }
        if (json.path("config").isObject()) {
            return new Image(mediaType, descriptor(json.path("config")), descriptors(json.path("layers")));
        }
        throw StoreException.invalid("read manifest: it names neither manifests nor a configuration"
                + (mediaType.isEmpty() ? "" : " (media type " + mediaType + ")"));
    }

    private static List<Descriptor> descriptors(JsonNode array) {
        List<Descriptor> descriptors = new ArrayList<>();
        array.forEach(element -> descriptors.add(descriptor(element)));
        return List.copyOf(descriptors);
    }

    private static Descriptor descriptor(JsonNode json) {
        JsonNode platform = json.path("platform");
        return new Descriptor(Json.text(json, "mediaType"), Digest.parse(Json.text(json, "digest")), json.path("size").asLong(-1),
                platform.isObject() ? Optional.of(new Platform(Json.text(platform, "os"), Json.text(platform, "architecture"),
                        Json.text(platform, "variant"))) : Optional.empty(),
                Json.textMap(json, "annotations"));
    }
}
