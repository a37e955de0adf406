package io.berth.store.archive;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Lease;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageConfigReader;
import io.berth.store.image.Manifest;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.image.Platform;
import io.berth.store.image.StoredImage;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What goes into an archive for one image: its index or manifest byte for byte, and all that this leads to and is here. An index may
 * name more than the store has, and than is asked for: it stays what it is, because its digest is a name of the image. An image
 * without a manifest gets one made.
 *
 * <p>Everything that is found is held by the lease.
 */
final class SavedImage {

    private static final int DEEPEST_INDEX = 4;

    private final StoredImage image;
    private final BlobStore blobs;
    private final Lease lease;
    private final List<Platform> platforms;
    private final Set<Digest> documents = new LinkedHashSet<>();
    private final Set<Digest> layers = new LinkedHashSet<>();
    private final Map<Digest, byte[]> made = new LinkedHashMap<>();
    /** The manifests that are saved, each of one platform. */
    private final Map<Digest, Manifest.Image> manifests = new LinkedHashMap<>();
    private final Set<Platform> found = new LinkedHashSet<>();
    private Descriptor root;

    private SavedImage(StoredImage image, List<Platform> platforms, BlobStore blobs, Lease lease) {
        this.image = image;
        this.platforms = platforms;
        this.blobs = blobs;
        this.lease = lease;
    }

    /**
     * @param platforms which of the images of an index; all that are here when there are none
     * @throws StoreException not found, for a platform that the image is not for; corrupt, when the store has lost some of the image
     */
    static SavedImage of(StoredImage image, List<Platform> platforms, BlobStore blobs, Lease lease) {
        SavedImage saved = new SavedImage(image, platforms, blobs, lease);
        if (image.index().isEmpty() || !saved.takeIndex(image.index().get())) {
            saved.takeManifest();
        }
        for (Platform platform : platforms) {
            if (saved.found.stream().noneMatch(of -> of.satisfies(platform))) {
                throw StoreException.notFound("no suitable export target found for platform " + platform);
            }
        }
        return saved;
    }

    StoredImage image() {
        return image;
    }

    /** What names the image in {@code index.json}. */
    Descriptor root() {
        return root;
    }

    /** The one to describe in {@code manifest.json}, which knows no platforms: the image's own if that is among those that are saved. */
    Manifest.Image main() {
        return manifests.values().stream().filter(manifest -> manifest.config().digest().equals(image.id())).findFirst()
                .orElseGet(() -> manifests.values().iterator().next());
    }

    /** Whether {@link #main} is this image, not one for another platform. */
    boolean isMainOwn() {
        return main().config().digest().equals(image.id());
    }

    /** Indexes, manifests and configurations. */
    Set<Digest> documents() {
        return documents;
    }

    Set<Digest> layers() {
        return layers;
    }

    /** Those of the documents that are no blobs. */
    Map<Digest, byte[]> made() {
        return made;
    }

    /** False when nothing that is asked for can be reached by it. */
    private boolean takeIndex(Digest digest) {
        Optional<byte[]> document = document(digest);
        if (document.isEmpty() || !(Manifest.read(document.get()) instanceof Manifest.Index index)) {
            return false;
        }
        take(index, 0);
        documents.add(digest);
        root = new Descriptor(or(index.mediaType(), Manifest.OCI_INDEX), digest, document.get().length, Optional.empty(), Map.of());
        return !manifests.isEmpty();
    }

    private void take(Manifest.Index index, int depth) {
        for (Descriptor child : index.images()) {
            if (child.platform().isEmpty() || isWanted(child.platform().get())) {
                take(child, child.platform(), depth);
            }
        }
        for (Descriptor attestation : index.manifests()) {
            if (attestation.isAttestation() && attestation.attested().map(manifests::containsKey).orElse(platforms.isEmpty())) {
                document(attestation.digest()).map(Manifest::read).filter(Manifest.Image.class::isInstance).map(Manifest.Image.class::cast)
                        .filter(this::isWhole).ifPresent(manifest -> add(attestation.digest(), manifest));
            }
        }
    }

    private void take(Descriptor child, Optional<Platform> platform, int depth) {
        Optional<Manifest> document = document(child.digest()).map(Manifest::read);
        if (document.isEmpty() || depth > DEEPEST_INDEX) {
            return;
        }
        switch (document.get()) {
            case Manifest.Index nested -> {
                documents.add(child.digest());
                take(nested, depth + 1);
            }
            case Manifest.Image manifest when isWhole(manifest) -> {
                Platform of = platform.orElseGet(() -> platformOf(manifest));
                if (isWanted(of)) {
                    add(child.digest(), manifest);
                    manifests.put(child.digest(), manifest);
                    found.add(of);
                }
            }
            case Manifest.Image incomplete -> { }
        }
    }

    private boolean isWanted(Platform of) {
        return platforms.isEmpty() || platforms.stream().anyMatch(of::satisfies);
    }

    private Platform platformOf(Manifest.Image manifest) {
        return ImageConfigReader.read(blobs.readDocument(manifest.config().digest())).platform();
    }

    private void add(Digest digest, Manifest.Image manifest) {
        documents.add(digest);
        documents.add(manifest.config().digest());
        manifest.layers().forEach(layer -> layers.add(layer.digest()));
    }

    private boolean isWhole(Manifest.Image manifest) {
        return manifest.children().stream().allMatch(child -> size(child.digest()).isPresent());
    }

    /** The image alone, by the manifest that it came with, or by one of our own. */
    private void takeManifest() {
        image.layers().forEach(this::requireBlob);
        Optional<byte[]> own = image.manifest().map(digest -> document(digest).orElseThrow(this::damaged));
        byte[] document = own.orElseGet(() -> Manifest.make(configuration(), image.layers().stream().map(this::describe).toList()));
        Digest digest = own.isPresent() ? image.manifest().orElseThrow() : Digest.of(document);
        if (!(Manifest.read(document) instanceof Manifest.Image manifest) || !isWhole(manifest)) {
            throw damaged();
        }
        add(digest, manifest);
        if (own.isEmpty()) {
            made.put(digest, document);
        }
        manifests.put(digest, manifest);
        found.add(platformOf(manifest));
        root = new Descriptor(or(manifest.mediaType(), Manifest.OCI_MANIFEST), digest, document.length, Optional.empty(), Map.of());
    }

    private StoreException damaged() {
        return StoreException.corrupt("save image " + image.id() + ": its manifest or what that names is not in the store; pull or load it again");
    }

    private void requireBlob(StoredImage.Layer layer) {
        if (size(layer.blob()).isEmpty()) {
            throw StoreException.corrupt("save image " + image.id() + ": its layer " + layer.blob() + " is not in the store; pull or load it again");
        }
    }

    private Descriptor configuration() {
        return new Descriptor(Manifest.OCI_CONFIG, image.id(), size(image.id()).orElse(-1), Optional.empty(), Map.of());
    }

    private Descriptor describe(StoredImage.Layer layer) {
        return new Descriptor(LayerType.of(blobs, layer.blob()), layer.blob(), size(layer.blob()).orElse(-1), Optional.empty(), Map.of());
    }

    /** Held before it is looked for, so that it cannot go in between. */
    private OptionalLong size(Digest digest) {
        lease.keep(digest);
        return blobs.size(digest);
    }

    private Optional<byte[]> document(Digest digest) {
        return size(digest).isEmpty() ? Optional.empty() : Optional.of(blobs.readDocument(digest));
    }

    private static String or(String mediaType, String usual) {
        return mediaType.isEmpty() ? usual : mediaType;
    }
}
