package io.berth.store.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.store.content.Digest;
import io.berth.store.content.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One document of a registry or an OCI layout: an image's manifest, which names its configuration and layers, or an index of
 * manifests for several platforms. Of Docker's and of OCI's media types.
 */
public sealed interface Manifest {

    String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
    String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";

    /** @param layers from the lowest up */
    record Image(String mediaType, Descriptor config, List<Descriptor> layers) implements Manifest {
        private static final Set<String> CONFIGURATIONS = Set.of(OCI_CONFIG, "application/vnd.docker.container.image.v1+json", "");
        private static final Pattern LAYER = Pattern.compile(
                "application/vnd\\.(oci\\.image\\.layer\\.v1\\.tar|docker\\.image\\.rootfs\\.diff\\.tar)([.+](gzip|zstd))?|");

        @Override
        public List<Descriptor> children() {
            return Stream.concat(Stream.of(config), layers.stream()).toList();
        }

        /**
         * @param what for the refusal: what is being attempted, on what
         * @throws StoreException invalid, when it is no image of a container, or has layers that are elsewhere or nobody knows how to unpack
         */
        public void requireSupported(String what) {
            if (!CONFIGURATIONS.contains(config.mediaType())) {
                throw StoreException.invalid(what + ": this is no image of a container, its configuration is of the type " + config.mediaType());
            }
            for (Descriptor layer : layers) {
                String type = layer.mediaType().toLowerCase(Locale.ROOT);
                if (type.contains("foreign") || type.contains("nondistributable")) {
                    throw StoreException.invalid(what + ": the layer " + layer.digest() + " is foreign (" + layer.mediaType()
                            + "): such layers are not distributed with their image, and are not fetched from elsewhere");
                }
                if (!LAYER.matcher(type).matches()) {
                    throw StoreException.invalid(what + ": the layer " + layer.digest() + " is of the type " + layer.mediaType() + ", which is not supported");
                }
            }
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
            return manifests.stream().filter(manifest -> manifest.isAttestation() && manifest.attested().equals(Optional.of(image))).toList();
        }
    }

    /** Everything the document names. */
    List<Descriptor> children();

    /** Names a blob. {@code platform} is given in an index only. */
    record Descriptor(String mediaType, Digest digest, long size, Optional<Platform> platform, Map<String, String> annotations) {

        /** Docker's annotations of an attestation's manifest in an index: which manifest it speaks of. */
        private static final String ATTESTED = "vnd.docker.reference.digest";
        private static final String KIND = "vnd.docker.reference.type";

        /** Whether this is no image, but says something about one. */
        public boolean isAttestation() {
            return annotations.getOrDefault(KIND, "").equals("attestation-manifest")
                    || platform.filter(of -> of.os().equals("unknown")).isPresent();
        }

        /** Of an attestation: which manifest it speaks of. */
        public Optional<Digest> attested() {
            return Optional.ofNullable(annotations.get(ATTESTED)).filter(Digest::isDigest).map(Digest::parse);
        }

        /** Whether a registry would send an index for it. */
        public boolean isIndex() {
            return mediaType.equals(OCI_INDEX)
                    || mediaType.equals("application/vnd.docker.distribution.manifest.list.v2+json");
        }
    }

    /** A manifest for an image that came with none. The same image has the same one everywhere; the reference engine's, byte for byte. */
    static byte[] make(Descriptor config, List<Descriptor> layers) {
        ObjectNode manifest = Json.object().put("schemaVersion", 2).put("mediaType", OCI_MANIFEST);
        manifest.set("config", json(config));
        ArrayNode array = manifest.putArray("layers");
        layers.forEach(layer -> array.add(json(layer)));
        return Json.bytes(manifest);
    }

    private static ObjectNode json(Descriptor descriptor) {
        return Json.object().put("mediaType", descriptor.mediaType).put("digest", descriptor.digest.toString()).put("size", descriptor.size);
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
