package io.berth.store.image;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.store.content.Digest;
import io.berth.store.content.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One document of a registry or an OCI layout: an image's manifest, which names its configuration and layers, or an index of
 * manifests for several platforms. Of Docker's and of OCI's media types.
 */
public sealed interface Manifest {

    /** @param layers from the lowest up */
    record Image(String mediaType, Descriptor config, List<Descriptor> layers) implements Manifest {
        @Override
        public List<Descriptor> children() {
            return Stream.concat(Stream.of(config), layers.stream()).toList();
        }
    }

    record Index(String mediaType, List<Descriptor> manifests) implements Manifest {
        @Override
        public List<Descriptor> children() {
            return manifests;
        }

        /** Those that are images, in their order. */
        public List<Descriptor> images() {
            return manifests.stream().filter(manifest -> !manifest.isAttestation()).toList();
        }

        /** What is said about one of the images: its provenance, what it holds. */
        public List<Descriptor> attestationsOf(Digest image) {
            return manifests.stream().filter(manifest -> manifest.isAttestation()
                    && manifest.annotations().getOrDefault(Descriptor.ATTESTED, "").equals(image.toString())).toList();
        }
    }

    /** Everything the document names. */
    List<Descriptor> children();

    /** Names a blob. {@code platform} is given in an index only. */
    record Descriptor(String mediaType, Digest digest, long size, Optional<Platform> platform, Map<String, String> annotations) {

        /** Docker's annotations of an attestation's manifest in an index: which manifest it speaks of. */
        static final String ATTESTED = "vnd.docker.reference.digest";
        private static final String KIND = "vnd.docker.reference.type";

        /** Whether this is no image, but says something about one. */
        public boolean isAttestation() {
            return annotations.getOrDefault(KIND, "").equals("attestation-manifest")
                    || platform.filter(of -> of.os().equals("unknown")).isPresent();
        }

        /** Whether a registry would send an index for it. */
        public boolean isIndex() {
            return mediaType.equals("application/vnd.oci.image.index.v1+json")
                    || mediaType.equals("application/vnd.docker.distribution.manifest.list.v2+json");
        }
    }

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
