package io.berth.store.transfer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.store.content.Digest;
import io.berth.store.image.Json;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.image.StoredImage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The manifest of an image that never had one, as the reference engine makes it, while its layers are compressed. Source:
 * distribution, image manifest version 2, schema 2. Thread-safe.
 */
final class MadeManifest {

    static final String MEDIA_TYPE = "application/vnd.docker.distribution.manifest.v2+json";
    private static final String CONFIGURATION = "application/vnd.docker.container.image.v1+json";

    private final List<Digest> diffIds;
    private final Descriptor config;
    private final Map<Digest, Descriptor> packed = new HashMap<>();

    MadeManifest(StoredImage image, long configSize) {
        this.diffIds = image.diffIds();
        this.config = new Descriptor(CONFIGURATION, image.id(), configSize, Optional.empty(), Map.of());
    }

    Descriptor config() {
        return config;
    }

    /** Takes a layer as the registry gets it. */
    synchronized void add(Digest diffId, Descriptor blob) {
        packed.put(diffId, blob);
    }

    /** What the registry is told and the store keeps, when all layers are known. */
    synchronized Optional<byte[]> document() {
        if (!packed.keySet().containsAll(diffIds)) {
            return Optional.empty();
        }
        ObjectNode manifest = Json.object().put("schemaVersion", 2).put("mediaType", MEDIA_TYPE);
        manifest.set("config", json(config));
        ArrayNode layers = manifest.putArray("layers");
        diffIds.forEach(diffId -> layers.add(json(packed.get(diffId))));
        return Optional.of(Json.bytes(manifest));
    }

    private static ObjectNode json(Descriptor blob) {
        return Json.object().put("mediaType", blob.mediaType()).put("size", blob.size()).put("digest", blob.digest().toString());
    }
}
