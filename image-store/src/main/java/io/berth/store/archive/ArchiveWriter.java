package io.berth.store.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Lease;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Images;
import io.berth.store.image.Json;
import io.berth.store.image.Manifest;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.image.Platform;
import io.berth.store.image.StoredImage;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code docker save}: one tar that is both an archive of Docker's ({@code manifest.json}, {@code repositories}) and an OCI image layout
 * ({@code index.json}, {@code blobs/}). Layers are in it as they are in the store, compressed or not; documents byte for byte, so that
 * every digest of an image is the same where the archive is loaded.
 */
public final class ArchiveWriter {

    private static final byte[] LAYOUT_VERSION = "{\"imageLayoutVersion\": \"1.0.0\"}".getBytes(UTF_8);

    private final BlobStore blobs;
    private final Images images;

    public ArchiveWriter(BlobStore blobs, Images images) {
        this.blobs = blobs;
        this.images = images;
    }

    /**
     * Finds everything that is to be saved; nothing of it is written yet, and nothing of it can go before the result is closed.
     *
     * @param names of images, as people write them; a name without a tag stands for all tags of its repository
     * @param platforms which of an index's images; all that are here when there are none
     * @throws StoreException not found; corrupt, when something of an image is missing; invalid, for what is no name
     */
    public SavedArchive select(List<String> names, List<Platform> platforms) {
        Map<StoredImage, Set<ImageReference>> wanted = new LinkedHashMap<>();
        names.forEach(name -> find(name, wanted));
        Lease lease = blobs.lease();
        try {
            ArrayNode items = Json.object().putArray("items");
            ArrayNode roots = Json.object().putArray("roots");
            ObjectNode repositories = Json.object();
            Map<Digest, byte[]> made = new LinkedHashMap<>();
            Set<Digest> documents = new LinkedHashSet<>();
            Set<Digest> layers = new LinkedHashSet<>();
            wanted.forEach((image, references) -> {
                SavedImage saved = SavedImage.of(image, platforms, blobs, lease);
                List<ImageReference> tagged = List.copyOf(references);
                items.add(item(saved, tagged));
                describe(saved, tagged, roots);
                tagged.forEach(name -> addTo(repositories, name, saved.main()));
                made.putAll(saved.made());
                documents.addAll(saved.documents());
                layers.addAll(saved.layers());
            });
            documents.addAll(layers);
            return new SavedArchive(blobs, images, lease, wanted.keySet().stream().map(StoredImage::id).toList(),
                    listings(roots, items, repositories), made, documents);
        } catch (RuntimeException refused) {
            images.abandon(lease, List.of());
            throw refused;
        }
    }

    private void find(String text, Map<StoredImage, Set<ImageReference>> wanted) {
        if (ImageReference.isIdentifier(text)) {
            add(images.resolve(text), Optional.empty(), wanted);
            return;
        }
        ImageReference name = ImageReference.parse(text);
        List<ImageReference> ofRepository = name.isNameOnly() ? repository(name) : List.of();
        ofRepository.forEach(one -> add(images.find(one).orElseThrow(), Optional.of(one), wanted));
        if (ofRepository.isEmpty()) {
            add(images.find(name).or(() -> resolve(text, name)).orElseThrow(), Optional.of(name), wanted);
        }
    }

    private List<ImageReference> repository(ImageReference name) {
        return images.names().keySet().stream().filter(one -> one.name().equals(name.name()) && images.find(one).isPresent()).toList();
    }

    /** By what is no name that it has: the beginning of an id, a digest of its own. In the reference engine's words when there is none. */
    private Optional<StoredImage> resolve(String text, ImageReference name) {
        try {
            return Optional.of(images.resolve(text));
        } catch (StoreException missing) {
            throw StoreException.notFound(name.isNameOnly() || text.startsWith("sha256:") ? "No such image: " + text : "reference does not exist");
        }
    }

    private static void add(StoredImage image, Optional<ImageReference> name, Map<StoredImage, Set<ImageReference>> wanted) {
        Set<ImageReference> names = wanted.computeIfAbsent(image, found -> new LinkedHashSet<>());
        name.filter(one -> one.tag().isPresent() && one.digest().isEmpty()).ifPresent(names::add);
    }

    private ObjectNode item(SavedImage saved, List<ImageReference> names) {
        ObjectNode item = Json.object().put("Config", path(saved.main().config().digest()));
        if (names.isEmpty()) {
            item.putNull("RepoTags");
        } else {
            ArrayNode tags = item.putArray("RepoTags");
            names.forEach(name -> tags.add(name.familiar()));
        }
        ArrayNode layers = item.putArray("Layers");
        saved.main().layers().forEach(layer -> layers.add(path(layer.digest())));
        images.parentOf(saved.image().id()).filter(parent -> saved.isMainOwn()).ifPresent(parent -> item.put("Parent", parent.id().toString()));
        return item;
    }

    /** One entry a name, as {@code docker save} and containerd write it. */
    private static void describe(SavedImage saved, List<ImageReference> names, ArrayNode roots) {
        if (names.isEmpty()) {
            roots.add(descriptor(saved.root()));
        }
        for (ImageReference name : names) {
            ObjectNode entry = descriptor(saved.root());
            entry.putObject("annotations").put(OciLayout.FULL_NAME, name.toString()).put(OciLayout.REF_NAME, name.tag().orElseThrow());
            roots.add(entry);
        }
    }

    private static ObjectNode descriptor(Descriptor descriptor) {
        return Json.object().put("mediaType", descriptor.mediaType()).put("digest", descriptor.digest().toString()).put("size", descriptor.size());
    }

    private static void addTo(ObjectNode repositories, ImageReference name, Manifest.Image manifest) {
        if (!manifest.layers().isEmpty()) {
            repositories.withObjectProperty(name.familiarName()).put(name.tag().orElseThrow(), manifest.layers().getLast().digest().hex());
        }
    }

    private static Map<String, byte[]> listings(ArrayNode roots, ArrayNode items, ObjectNode repositories) {
        Map<String, byte[]> listings = new LinkedHashMap<>();
        listings.put("oci-layout", LAYOUT_VERSION);
        ObjectNode index = Json.object().put("schemaVersion", 2).put("mediaType", Manifest.OCI_INDEX);
        index.set("manifests", roots);
        listings.put(OciLayout.INDEX, Json.bytes(index));
        listings.put(DockerArchive.MANIFEST, Json.bytes(items));
        if (!repositories.isEmpty()) {
            listings.put("repositories", Json.bytes(repositories));
        }
        return listings;
    }

    private static String path(Digest digest) {
        return "blobs/sha256/" + digest.hex();
    }
}
