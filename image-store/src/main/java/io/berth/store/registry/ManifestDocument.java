package io.berth.store.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.store.content.Digest;
import io.berth.store.content.StoreException;
import io.berth.store.image.Json;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.registry.RegistryException.Kind;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Decides whether what a registry sends is the manifest that was asked for. */
final class ManifestDocument {

    /** What an engine can read. In this order some registries choose. */
    static final List<String> MEDIA_TYPES = List.of("application/vnd.oci.image.index.v1+json",
            "application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.oci.image.manifest.v1+json",
            "application/vnd.docker.distribution.manifest.v2+json");
    static final String ACCEPT = String.join(", ", MEDIA_TYPES);

    private static final String SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+";

    private ManifestDocument() {}

    static Repository.Document read(HttpResponse<ArrivingBody> response, String reference, String shownName) {
        byte[] content = Bodies.document(response, "manifest of " + shownName);
        Optional<JsonNode> json = json(content);
        // Before its digest, which is of what was signed, not of what is sent with the signatures.
        refuseFirstSchema(response.headers(), json, shownName);
        Digest digest = Digest.of(content);
        Optional<Digest> promised = Digest.isDigest(reference) ? Optional.of(Digest.parse(reference)) : digest(response.headers());
        if (promised.isPresent() && !promised.get().equals(digest)) {
            throw invalid("manifest verification failed for digest " + promised.get() + ": the registry sent " + digest);
        }
        String mediaType = mediaType(response.headers(), json, shownName);
        return new Repository.Document(descriptor(mediaType, digest, content.length), content);
    }

    /** What the head of an answer says, when it says all. */
    static Optional<Descriptor> describe(HttpHeaders headers, String reference) {
        String mediaType = mediaType(headers);
        long size = headers.firstValueAsLong("Content-Length").orElse(-1);
        Optional<Digest> digest = digest(headers);
        if (!MEDIA_TYPES.contains(mediaType) || size < 0 || digest.isEmpty()
                || Digest.isDigest(reference) && !digest.get().toString().equals(reference)) {
            return Optional.empty();
        }
        return Optional.of(descriptor(mediaType, digest.get(), size));
    }

    private static Descriptor descriptor(String mediaType, Digest digest, long size) {
        return new Descriptor(mediaType, digest, size, Optional.empty(), Map.of());
    }

    private static Optional<Digest> digest(HttpHeaders headers) {
        return headers.firstValue("Docker-Content-Digest").filter(Digest::isDigest).map(Digest::parse);
    }

    private static String mediaType(HttpHeaders headers) {
        String type = headers.firstValue("Content-Type").orElse("");
        int parameters = type.indexOf(';');
        return (parameters < 0 ? type : type.substring(0, parameters)).strip().toLowerCase(Locale.ROOT);
    }

    private static Optional<JsonNode> json(byte[] content) {
        try {
            return Optional.of(Json.parse(content, "manifest"));
        } catch (StoreException malformed) {
            return Optional.empty();
        }
    }

    private static void refuseFirstSchema(HttpHeaders headers, Optional<JsonNode> json, String shownName) {
        if (mediaType(headers).startsWith(SCHEMA_1) || json.filter(document -> Json.text(document, "mediaType").startsWith(SCHEMA_1)
                || Json.member(document, "schemaVersion").asInt() == 1).isPresent()) {
            throw invalid("Docker Image Format v1 and Docker Image manifest version 2, schema 1 are not supported. Suggest the author of "
                    + shownName + " to upgrade the image to the OCI Format or Docker Image manifest v2, schema 2."
                    + " More information at https://docs.docker.com/go/deprecated-image-specs/");
        }
    }

    /**
     * The registry's word for it, or else the document's own. They must not differ: the same bytes would be two different things
     * to two clients (CVE-2021-41190).
     */
    private static String mediaType(HttpHeaders headers, Optional<JsonNode> json, String shownName) {
        String told = mediaType(headers);
        String own = json.map(document -> Json.text(document, "mediaType"))
                .orElseThrow(() -> invalid("manifest of " + shownName + " is no JSON, the registry calls it \"" + told + '"'));
        if (MEDIA_TYPES.contains(told)) {
            if (!own.isEmpty() && !own.equals(told)) {
                throw invalid("manifest of " + shownName + " says that it is " + own + ", the registry that it is " + told);
            }
            return told;
        }
        if (MEDIA_TYPES.contains(own)) {
            return own;
        }
        throw invalid("unsupported manifest media type and no default available: " + (told.isEmpty() ? own : told));
    }

    private static RegistryException invalid(String message) {
        return new RegistryException(Kind.INVALID, message);
    }
}
