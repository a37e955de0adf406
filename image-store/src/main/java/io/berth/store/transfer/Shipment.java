package io.berth.store.transfer;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Lease;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Images;
import io.berth.store.image.Manifest;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.image.Platform;
import io.berth.store.image.PushedImages;
import io.berth.store.image.StoredImage;
import io.berth.store.registry.RegistryException;
import io.berth.store.registry.RegistryException.Kind;
import io.berth.store.registry.Repository;
import io.berth.store.registry.Repository.Document;
import io.berth.store.transfer.PushProgress.Step;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** One image on its way into one repository, under one tag. Its content stays in the store until this is closed. For one thread. */
final class Shipment implements AutoCloseable {

    private final StoredImage image;
    private final ImageReference tag;
    private final Repository repository;
    private final BlobStore blobs;
    private final Images images;
    private final PackedLayers packed;
    private final PushProgress progress;
    private final BlobPush blobPush;
    private final Lease lease;
    private final Set<Digest> touched = ConcurrentHashMap.newKeySet();

    Shipment(StoredImage image, ImageReference tag, Repository repository, BlobStore blobs, Images images, PackedLayers packed,
            Transfers<BlobPush.Place> uploads, PushProgress progress) {
        this.image = image;
        this.tag = tag;
        this.repository = repository;
        this.blobs = blobs;
        this.images = images;
        this.packed = packed;
        this.progress = progress;
        this.blobPush = new BlobPush(repository, blobs, images, uploads, progress);
        this.lease = blobs.lease();
        image.digests().forEach(this::keep);
        image.attachments().forEach(this::keep);
        image.layers().forEach(layer -> keep(layer.blob()));
    }

    private void keep(Digest blob) {
        lease.keep(blob);
        touched.add(blob);
    }

    /** Whether {@link #run} can be asked for it. */
    static boolean offers(StoredImage image, Platform platform, BlobStore blobs, Images images) {
        return isFor(image, platform, images) || ofIndex(image, platform, blobs).isPresent();
    }

    private static boolean isFor(StoredImage image, Platform platform, Images images) {
        return images.config(image.id()).platform().satisfies(platform);
    }

    /** The manifest for a platform, if it is here. */
    private static Optional<Digest> ofIndex(StoredImage image, Platform platform, BlobStore blobs) {
        return image.index().filter(blobs::has).map(index -> Manifest.read(blobs.readDocument(index)))
                .flatMap(document -> document instanceof Manifest.Index index ? Platform.choose(index, Optional.of(platform)) : Optional.empty())
                .map(Descriptor::digest).filter(blobs::has);
    }

    /** @param platform the one image of the index that is for it */
    void run(Optional<Platform> platform) throws InterruptedException {
        boolean own = platform.isEmpty() || isFor(image, platform.get(), images);
        if (!own) {
            ship(ImageTree.read(ofIndex(image, platform.get(), blobs).orElseThrow(), blobs));
            return;
        }
        Optional<ImageTree> manifest = image.manifest().filter(blobs::has).map(digest -> ImageTree.read(digest, blobs));
        Optional<ImageTree> index = platform.isPresent() ? Optional.empty() : image.index().filter(blobs::has).map(digest -> ImageTree.read(digest, blobs));
        if (index.isPresent() && manifest.isPresent() && !isWhole(index.get(), manifest.get())) {
            progress.withoutIndex(index.get().root().descriptor(), manifest.get().root().descriptor());
            index = Optional.empty();
        }
        Optional<ImageTree> chosen = index.or(() -> manifest);
        if (chosen.isPresent()) {
            ship(chosen.get());
        } else {
            pack();
        }
    }

    /** What is not here may be in the repository, when that is where the image came from. */
    private boolean isWhole(ImageTree index, ImageTree manifest) {
        return index.missing().stream().allMatch(this::hasManifest)
                && index.blobs().stream().allMatch(blob -> manifest.blobs().contains(blob) || blobs.has(blob) || blobPush.isThere(blob));
    }

    private boolean hasManifest(Digest digest) {
        try {
            repository.describe(digest.toString());
            return true;
        } catch (RegistryException refused) {
            if (refused.kind() == Kind.UNAVAILABLE) {
                throw refused;
            }
            return false;
        }
    }

    private void ship(ImageTree tree) throws InterruptedException {
        Map<Digest, Digest> diffIds = diffIds();
        Collection<Descriptor> layers = tree.layers().values();
        layers.forEach(layer -> prepare(diffIds.getOrDefault(layer.digest(), layer.digest())));
        try (Work work = new Work()) {
            layers.forEach(layer -> work.add(() -> blobPush.push(layer, Optional.of(diffIds.getOrDefault(layer.digest(), layer.digest())))));
            tree.configurations().values().forEach(config -> work.add(() -> blobPush.push(config, Optional.empty())));
            work.await();
        }
        publish(tree.documents());
    }

    /** What people know the image's layers by, by their blobs; those of other platforms are known by nothing else. */
    private Map<Digest, Digest> diffIds() {
        Map<Digest, Digest> known = new HashMap<>();
        Optional<Manifest> manifest = images.ofContainer(image.id()).flatMap(StoredImage::manifest).filter(blobs::has)
                .map(digest -> Manifest.read(blobs.readDocument(digest)));
        if (manifest.isPresent() && manifest.get() instanceof Manifest.Image own && own.layers().size() == image.layers().size()) {
            for (int i = 0; i < own.layers().size(); i++) {
                known.put(own.layers().get(i).digest(), image.diffIds().get(i));
            }
        }
        return known;
    }

    private void prepare(Digest shown) {
        progress.layer(shown, Step.PREPARING, 0, 0);
    }

    /** Gives the image a manifest; layers leave as soon as they are compressed. */
    private void pack() throws InterruptedException {
        MadeManifest made = new MadeManifest(image, blobs.readDocument(image.id()).length);
        List<StoredImage.Layer> layers = image.layers().reversed().stream().distinct().toList();
        layers.forEach(layer -> prepare(layer.diffId()));
        try (Work work = new Work()) {
            layers.forEach(layer -> work.add(() -> {
                Descriptor blob = packed.pack(layer, lease, progress);
                touched.add(blob.digest());
                made.add(layer.diffId(), blob);
                made.document().ifPresent(this::remember);
                blobPush.push(blob, Optional.of(layer.diffId()));
            }));
            work.add(() -> blobPush.push(made.config(), Optional.empty()));
            work.await();
        }
        publish(List.of(remember(made.document().orElseThrow())));
    }

    /** From here on the image has it, however the push ends: the next one need not compress anything. */
    private Document remember(byte[] manifest) {
        Document document = ImageTree.document(manifest, MadeManifest.MEDIA_TYPE);
        Digest digest = document.descriptor().digest();
        if (touched.add(digest)) {
            blobs.put(manifest, lease);
            new PushedImages(images).giveManifest(image.id(), digest, Manifest.read(manifest).children().stream().filter(blob -> !blob.digest().equals(image.id())).map(Descriptor::digest).collect(Collectors.toSet()));
        }
        return document;
    }

    private void publish(List<Document> documents) {
        Document root = documents.getLast();
        for (Document document : documents.subList(0, documents.size() - 1)) {
            repository.putManifest(document.descriptor().digest().toString(), document);
        }
        repository.putManifest(tag.tag().orElseThrow(), root);
        Digest digest = root.descriptor().digest();
        new PushedImages(images).pushed(image, tag, isKnownBy(digest) ? Optional.of(tag.withDigest(digest)) : Optional.empty());
        progress.ends(tag.tag().orElseThrow(), root.descriptor());
    }

    /** Of another platform's manifest the image is none of the names. */
    private boolean isKnownBy(Digest digest) {
        return image.index().equals(Optional.of(digest)) || images.ofContainer(image.id()).flatMap(StoredImage::manifest).equals(Optional.of(digest));
    }

    @Override
    public void close() {
        images.abandon(lease, new ArrayList<>(touched));
    }
}
