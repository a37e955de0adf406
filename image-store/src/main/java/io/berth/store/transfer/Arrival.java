package io.berth.store.transfer;

import io.berth.store.content.BlobStore;
import io.berth.store.content.Digest;
import io.berth.store.content.Lease;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageConfig;
import io.berth.store.image.ImageConfigReader;
import io.berth.store.image.ImageEvents.Action;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Images;
import io.berth.store.image.Manifest;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.image.Platform;
import io.berth.store.image.StoredImage;
import io.berth.store.layer.LayerStore;
import io.berth.store.registry.RegistryException;
import io.berth.store.registry.RegistryException.Kind;
import io.berth.store.registry.Repository;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One image on its way from a registry, from its documents to the record that makes it visible. For one use. */
final class Arrival {

    private static final Logger LOG = LoggerFactory.getLogger(Arrival.class);
    /** Besides those that download, some may wait for the download of another pull. */
    private static final int MORE_THREADS = 2;
    private static final int MOST_NESTED = 3;
    private static final int MOST_INDEXES = 16;
    private static final int MOST_ATTESTATIONS = 8;
    private static final int MOST_STATEMENTS = 32;

    private final Repository repository;
    private final Optional<Platform> wanted;
    private final PullProgress progress;
    private final BlobStore blobs;
    private final LayerStore layers;
    private final Images images;
    private final Transfers<Digest> downloads;
    private final TransferSettings settings;
    private final Lease lease;
    private final Documents documents;
    private final Set<Digest> touched = new HashSet<>();
    private final Set<Digest> attachments = new HashSet<>();

    /**
     * An image that is here.
     *
     * @param platform of its configuration, read while nobody could take that away
     */
    record Arrived(StoredImage image, Platform platform) {}

    Arrival(Repository repository, Optional<Platform> wanted, PullProgress progress, BlobStore blobs, LayerStore layers, Images images,
            Transfers<Digest> downloads, TransferSettings settings) {
        this.repository = repository;
        this.wanted = wanted;
        this.progress = progress;
        this.blobs = blobs;
        this.layers = layers;
        this.images = images;
        this.downloads = downloads;
        this.settings = settings;
        this.lease = blobs.lease();
        this.documents = new Documents(repository, blobs, lease, settings.attempts());
    }

    Arrived run(Digest served, List<ImageReference> names) throws InterruptedException {
        try {
            Arrived arrived = switch (documents.manifest(served)) {
                case Manifest.Image manifest -> image(served, Optional.empty(), manifest, names.getFirst());
                case Manifest.Index index -> imageOf(served, index, names.getFirst());
            };
            progress.arrived();
            images.add(arrived.image, names, Action.PULL);
            return arrived;
        } finally {
            touched.addAll(documents.taken());
            images.abandon(lease, List.copyOf(touched));
        }
    }

    private Arrived imageOf(Digest indexDigest, Manifest.Index index, ImageReference name) throws InterruptedException {
        attachments.add(indexDigest);
        Digest chosen = chosen(index, MOST_NESTED).orElseThrow(() -> new RegistryException(Kind.NOT_FOUND,
                "no matching manifest for " + wanted.orElseGet(Platform::here) + " in the manifest list entries"));
        return image(chosen, Optional.of(indexDigest), (Manifest.Image) documents.manifest(chosen), name);
    }

    /** The manifest of the image that is wanted, also out of an index in the index; what is said about it is attached. */
    private Optional<Digest> chosen(Manifest.Index index, int deeper) {
        List<Descriptor> candidates = Stream.concat(Platform.choose(index, wanted).stream(),
                index.manifests().stream().filter(entry -> entry.isIndex() && entry.platform().isEmpty())).distinct().limit(MOST_INDEXES).toList();
        for (Descriptor candidate : candidates) {
            switch (documents.manifest(candidate.digest())) {
                case Manifest.Image image -> {
                    index.attestationsOf(candidate.digest()).stream().limit(MOST_ATTESTATIONS).forEach(this::attach);
                    return Optional.of(candidate.digest());
                }
                case Manifest.Index inner -> {
                    Optional<Digest> found = deeper == 0 ? Optional.empty() : chosen(inner, deeper - 1);
                    if (found.isPresent()) {
                        attachments.add(candidate.digest());
                        return found;
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** What is only said about an image must not keep anybody from running it. */
    private void attach(Descriptor attestation) {
        try {
            Set<Digest> parts = new HashSet<>(Set.of(attestation.digest()));
            List<Descriptor> children = documents.manifest(attestation.digest()).children();
            if (children.size() > MOST_STATEMENTS) {
                throw StoreException.invalid("it has more than " + MOST_STATEMENTS + " parts");
            }
            for (Descriptor part : children) {
                documents.blob(part);
                parts.add(part.digest());
            }
            attachments.addAll(parts);
        } catch (StoreException | RegistryException failure) {
            LOG.warn("{}: the attestation {} is left out: {}", repository.name().familiarName(), attestation.digest(), failure.getMessage());
        }
    }

    private Arrived image(Digest manifestDigest, Optional<Digest> index, Manifest.Image manifest, ImageReference name)
            throws InterruptedException {
        manifest.requireSupported("pull " + repository.name().familiarName());
        ImageConfig config = ImageConfigReader.read(documents.blob(manifest.config()));
        if (!config.os().isEmpty() && !config.os().equals("linux")) {
            throw StoreException.invalid("image operating system \"" + config.os() + "\" cannot be used on this platform");
        }
        List<Digest> diffIds = config.diffIds();
        if (diffIds.size() != manifest.layers().size()) {
            throw StoreException.invalid("pull " + name.familiar() + ": the manifest has " + manifest.layers().size()
                    + " layers and the configuration " + diffIds.size());
        }
        return new Arrived(new StoredImage(manifest.config().digest(), Optional.of(manifestDigest), index, layers(manifest.layers(), diffIds), attachments),
                config.platform());
    }

    private List<StoredImage.Layer> layers(List<Descriptor> descriptors, List<Digest> diffIds) throws InterruptedException {
        diffIds.forEach(lease::keep);
        touched.addAll(diffIds);
        descriptors.forEach(blob -> {
            lease.keep(blob.digest());
            touched.add(blob.digest());
        });
        LayerPull pull = new LayerPull(repository, blobs, layers, downloads, settings.attempts(), lease, progress);
        StoredImage.Layer[] arrived = new StoredImage.Layer[descriptors.size()];
        List<Integer> missing = new ArrayList<>();
        for (int i = 0; i < arrived.length; i++) {
            Optional<StoredImage.Layer> here = pull.here(descriptors.get(i), diffIds.get(i));
            if (here.isPresent()) {
                arrived[i] = here.get();
            } else {
                missing.add(i);
            }
        }
        if (!missing.isEmpty()) {
            fetch(pull, missing, descriptors, diffIds, arrived);
        }
        return List.of(arrived);
    }

    /** The first one that fails ends the others. */
    private void fetch(LayerPull pull, List<Integer> missing, List<Descriptor> descriptors, List<Digest> diffIds, StoredImage.Layer[] arrived)
            throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(Math.min(missing.size(), settings.downloads() + MORE_THREADS),
                Thread.ofPlatform().daemon().name("pull-layer-", 0).factory());
        ExecutorCompletionService<Integer> coming = new ExecutorCompletionService<>(threads);
        try {
            for (int i : missing) {
                coming.submit(() -> {
                    arrived[i] = pull.pull(descriptors.get(i), diffIds.get(i));
                    return i;
                });
            }
            for (int i = 0; i < missing.size(); i++) {
                coming.take().get();
            }
        } catch (ExecutionException failure) {
            throw failure.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(failure.getCause());
        } finally {
            threads.shutdownNow();
            threads.close();
        }
    }
}
