package io.berth.daemon.image;

import io.berth.api.wire.image.ImageDescriptor;
import io.berth.api.wire.image.ManifestSummary;
import io.berth.store.DiskUse;
import io.berth.store.ImageStore;
import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageConfigReader;
import io.berth.store.image.Manifest;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.image.Platform;
import io.berth.store.image.StoredImage;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The documents by which images came, as the API shows them. An image from an archive without a manifest has none. */
final class ManifestViews {

    private final ImageStore store;
    private final BlobStore blobs;
    private final Function<Digest, List<String>> containers;

    /** @param containers the ids of the containers of an image */
    ManifestViews(ImageStore store, Function<Digest, List<String>> containers) {
        this.store = store;
        this.blobs = store.blobs();
        this.containers = containers;
    }

    /** Of the index an image came by, or else of its manifest. */
    Optional<ImageDescriptor> descriptor(StoredImage image) {
        return document(image).map(document -> {
            String mediaType = switch (document.content) {
                case Manifest.Index index -> index.mediaType();
                case Manifest.Image manifest -> manifest.mediaType();
            };
            return new ImageDescriptor(mediaType, document.digest.toString(), document.size, Map.of(), null);
        });
    }

    /** One for each manifest that the index names, in its order; the one manifest when there is no index. */
    List<ManifestSummary> manifests(StoredImage image) {
        return document(image).map(document -> switch (document.content) {
            case Manifest.Index index -> index.manifests().stream().map(this::manifest).toList();
            case Manifest.Image manifest -> List.of(manifest(new Descriptor(manifest.mediaType(), document.digest, document.size,
                    Optional.empty(), Map.of())));
        }).orElse(List.of());
    }

    private record Document(Digest digest, long size, Manifest content) {}

    private Optional<Document> document(StoredImage image) {
        return image.index().or(image::manifest).flatMap(digest -> read(digest)
                .map(content -> new Document(digest, blobs.size(digest).orElse(0), content)));
    }

    /** Nothing when it is missing or damaged: that hinders nobody to see the others. */
    private Optional<Manifest> read(Digest document) {
        try {
            return blobs.has(document) ? Optional.of(Manifest.read(blobs.readDocument(document))) : Optional.empty();
        } catch (StoreException damaged) {
            return Optional.empty();
        }
    }

    private ManifestSummary manifest(Descriptor descriptor) {
        Optional<Manifest.Image> manifest = find(descriptor.digest());
        Set<Digest> content = new LinkedHashSet<>(List.of(descriptor.digest()));
        manifest.ifPresent(found -> found.children().forEach(child -> content.add(child.digest())));
        boolean available = manifest.isPresent() && content.stream().allMatch(blobs::has);
        long contentSize = content.stream().mapToLong(blob -> blobs.size(blob).orElse(0)).sum();
        if (descriptor.isAttestation()) {
            return summary(descriptor, available, contentSize, 0, "attestation", null,
                    new ManifestSummary.AttestationData(descriptor.annotations().getOrDefault("vnd.docker.reference.digest", "")));
        }
        Optional<Platform> platform = descriptor.platform().or(() -> manifest.flatMap(this::platform));
        if (platform.isEmpty()) {
            return summary(descriptor, available, contentSize, 0, "unknown", null, null);
        }
        Optional<StoredImage> image = manifest.flatMap(found -> image(found.config().digest()));
        long unpacked = image.map(this::unpacked).orElse(0L);
        List<String> users = image.map(found -> containers.apply(found.id())).orElse(List.of());
        return summary(descriptor, available, contentSize, unpacked, "image", new ManifestSummary.ImageData(platform(platform.get()),
                new ManifestSummary.Unpacked(unpacked), users), null);
    }

    private static ManifestSummary summary(Descriptor descriptor, boolean available, long content, long unpacked, String kind,
            ManifestSummary.ImageData image, ManifestSummary.AttestationData attestation) {
        ImageDescriptor view = new ImageDescriptor(descriptor.mediaType(), descriptor.digest().toString(), descriptor.size(),
                descriptor.annotations(), descriptor.platform().map(ManifestViews::platform).orElse(null));
        return new ManifestSummary(view.digest(), view, available, new ManifestSummary.Size(content, content + unpacked), kind, image, attestation);
    }

    private static ImageDescriptor.OciPlatform platform(Platform platform) {
        return new ImageDescriptor.OciPlatform(platform.architecture(), platform.os(), platform.variant());
    }

    /** What the image says of itself, where its configuration is here. */
    private Optional<Platform> platform(Manifest.Image manifest) {
        try {
            return Optional.of(ImageConfigReader.read(blobs.readDocument(manifest.config().digest())).platform());
        } catch (StoreException missingOrDamaged) {
            return Optional.empty();
        }
    }

    private Optional<Manifest.Image> find(Digest digest) {
        return read(digest).filter(Manifest.Image.class::isInstance).map(Manifest.Image.class::cast);
    }

    private Optional<StoredImage> image(Digest config) {
        return store.images().ofContainer(config);
    }

    private long unpacked(StoredImage image) {
        return store.diskUse().of(image.layers().stream().map(layer -> new DiskUse.Part(true, layer.diffId())).distinct().toList());
    }
}
