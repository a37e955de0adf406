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
import io.berth.store.registry.Credentials;
import io.berth.store.registry.Registries;
import io.berth.store.registry.RegistryException;
import io.berth.store.registry.RegistryException.Kind;
import io.berth.store.registry.Repository;
import io.berth.store.transfer.PullProgress.Step;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code docker pull}: an image from a registry, as it is there.
 *
 * <p>What the name leads to is asked with one request; if that image is here, nothing else happens. Otherwise its documents come
 * first, then its layers, several at a time ({@link LayerPull}). When all blobs are durable and all layers unpacked, one record
 * makes the image visible, under its tag and under the digest that the registry served. A pull that fails or is cancelled leaves
 * nothing behind that no other needs.
 *
 * <p>Thread-safe; concurrent pulls of the same blob download it once.
 */
public final class Pull {

    private static final Logger LOG = LoggerFactory.getLogger(Pull.class);
    private static final Set<String> CONFIGURATIONS =
            Set.of("application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json", "");
    private static final Pattern LAYER = Pattern.compile(
            "application/vnd\\.(oci\\.image\\.layer\\.v1\\.tar|docker\\.image\\.rootfs\\.diff\\.tar)([.+](gzip|zstd))?|");
    /** Besides those that download, some may wait for the download of another pull. */
    private static final int MORE_THREADS = 2;

    private final Registries registries;
    private final BlobStore blobs;
    private final LayerStore layers;
    private final Images images;
    private final TransferSettings settings;
    private final Downloads downloads;

    public Pull(Registries registries, BlobStore blobs, LayerStore layers, Images images, TransferSettings settings) {
        this.registries = registries;
        this.blobs = blobs;
        this.layers = layers;
        this.images = images;
        this.settings = settings;
        this.downloads = new Downloads(settings.downloads());
    }

    /**
     * @param name with the tag {@code latest} when it has neither tag nor digest
     * @param platform which image of an index; without it the one for this machine
     * @throws RegistryException when it cannot be had
     * @throws StoreException invalid, when it is no image, or one that this engine does not take
     * @throws InterruptedException when it is cancelled
     */
    public StoredImage pull(ImageReference name, Optional<Platform> platform, Credentials credentials, PullProgress progress)
            throws InterruptedException {
        ImageReference complete = name.withDefaultTag();
        return pull(registries.repository(complete, credentials, Registries.Access.PULL), complete, platform, progress);
    }

    /** Every tag of a repository, one after the other. */
    public void pullAll(ImageReference name, Optional<Platform> platform, Credentials credentials, PullProgress progress)
            throws InterruptedException {
        Repository repository = registries.repository(name, credentials, Registries.Access.PULL);
        for (String tag : repository.tags()) {
            pull(repository, name.withTag(tag), platform, progress);
        }
    }

    private StoredImage pull(Repository repository, ImageReference name, Optional<Platform> platform, PullProgress progress)
            throws InterruptedException {
        String reference = name.digest().map(Digest::toString).or(name::tag).orElseThrow();
        Descriptor served = repository.describe(reference);
        progress.begins(name.path(), reference);
        List<ImageReference> names = new ArrayList<>();
        names.add(name.withDigest(served.digest()));
        if (name.digest().isEmpty()) {
            names.addFirst(name);
        }
        Optional<StoredImage> here = images.find(names.getLast()).filter(image -> fits(image, platform) && isWhole(image));
        boolean newer = here.isEmpty() || !images.find(names.getFirst()).equals(here);
        StoredImage image = here.isPresent() ? named(here.get(), names, newer)
                : new Fetch(repository, platform, progress).run(served, names);
        images.pulled(image, name);
        progress.ends(name.familiar(), served.digest(), newer);
        return image;
    }

    private StoredImage named(StoredImage image, List<ImageReference> names, boolean newer) {
        if (newer) {
            images.add(image, names, Action.PULL);
        }
        return image;
    }

    private boolean fits(StoredImage image, Optional<Platform> platform) {
        return platform.isEmpty() || images.config(image.id()).platform().satisfies(platform.get());
    }

    private boolean isWhole(StoredImage image) {
        return image.layers().stream().allMatch(layer -> blobs.has(layer.blob()));
    }

    /** One image that is not here, or not whole. */
    private final class Fetch {

        private final Repository repository;
        private final Optional<Platform> wanted;
        private final PullProgress progress;
        private final Lease lease = blobs.lease();
        private final Documents documents;
        private final Set<Digest> touched = new HashSet<>();
        private final Set<Digest> attachments = new HashSet<>();

        Fetch(Repository repository, Optional<Platform> wanted, PullProgress progress) {
            this.repository = repository;
            this.wanted = wanted;
            this.progress = progress;
            this.documents = new Documents(repository, blobs, lease, settings.attempts());
        }

        StoredImage run(Descriptor served, List<ImageReference> names) throws InterruptedException {
            try {
                StoredImage image = switch (documents.manifest(served.digest())) {
                    case Manifest.Image manifest -> image(served.digest(), Optional.empty(), manifest, names.getFirst());
                    case Manifest.Index index -> imageOf(served.digest(), index, names.getFirst());
                };
                images.add(image, names, Action.PULL);
                return image;
            } finally {
                touched.addAll(documents.taken());
                images.abandon(lease, List.copyOf(touched));
            }
        }

        private StoredImage imageOf(Digest indexDigest, Manifest.Index index, ImageReference name) throws InterruptedException {
            Descriptor chosen = Platform.choose(index, wanted).orElseThrow(() -> new RegistryException(Kind.NOT_FOUND,
                    "no matching manifest for " + wanted.orElseGet(Platform::here) + " in the manifest list entries"));
            if (!(documents.manifest(chosen.digest()) instanceof Manifest.Image manifest)) {
                throw StoreException.invalid("pull " + name.familiar() + ": its index names another index for " + wanted.orElseGet(Platform::here));
            }
            attachments.add(indexDigest);
            index.attestationsOf(chosen.digest()).forEach(this::attach);
            return image(chosen.digest(), Optional.of(indexDigest), manifest, name);
        }

        /** What is only said about an image must not keep anybody from running it. */
        private void attach(Descriptor attestation) {
            try {
                Set<Digest> parts = new HashSet<>(Set.of(attestation.digest()));
                for (Descriptor part : documents.manifest(attestation.digest()).children()) {
                    documents.blob(part);
                    parts.add(part.digest());
                }
                attachments.addAll(parts);
            } catch (StoreException | RegistryException failure) {
                LOG.warn("{}: the attestation {} is left out: {}", repository.name().familiarName(), attestation.digest(), failure.getMessage());
            }
        }

        private StoredImage image(Digest manifestDigest, Optional<Digest> index, Manifest.Image manifest, ImageReference name)
                throws InterruptedException {
            requireImage(manifest);
            ImageConfig config = ImageConfigReader.read(documents.blob(manifest.config()));
            requirePlatform(config, name);
            List<Digest> diffIds = config.diffIds();
            if (diffIds.size() != manifest.layers().size()) {
                throw StoreException.invalid("pull " + name.familiar() + ": the manifest has " + manifest.layers().size()
                        + " layers and the configuration " + diffIds.size());
            }
            return new StoredImage(manifest.config().digest(), Optional.of(manifestDigest), index, layers(manifest.layers(), diffIds), attachments);
        }

        private List<StoredImage.Layer> layers(List<Descriptor> descriptors, List<Digest> diffIds) throws InterruptedException {
            diffIds.forEach(lease::keep);
            touched.addAll(diffIds);
            descriptors.forEach(blob -> {
                lease.keep(blob.digest());
                touched.add(blob.digest());
                progress.layer(blob.digest(), Step.PENDING, 0, 0);
            });
            LayerPull pull = new LayerPull(repository, blobs, Pull.this.layers, downloads, settings.attempts(), lease, progress);
            ExecutorService threads = Executors.newFixedThreadPool(settings.downloads() + MORE_THREADS, Thread.ofPlatform().name("pull-", 0).factory());
            try {
                List<Future<StoredImage.Layer>> coming = new ArrayList<>();
                for (int i = 0; i < descriptors.size(); i++) {
                    Descriptor blob = descriptors.get(i);
                    Digest diffId = diffIds.get(i);
                    coming.add(threads.submit(() -> pull.pull(blob, diffId)));
                }
                List<StoredImage.Layer> result = new ArrayList<>();
                for (Future<StoredImage.Layer> layer : coming) {
                    result.add(await(layer));
                }
                return result;
            } finally {
                threads.shutdownNow();
                threads.close();
            }
        }

        private StoredImage.Layer await(Future<StoredImage.Layer> layer) throws InterruptedException {
            try {
                return layer.get();
            } catch (ExecutionException failure) {
                throw failure.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(failure.getCause());
            }
        }

        private void requireImage(Manifest.Image manifest) {
            if (!CONFIGURATIONS.contains(manifest.config().mediaType())) {
                throw StoreException.invalid("pull " + repository.name().familiarName() + ": this is no image of a container, its configuration is of the type "
                        + manifest.config().mediaType());
            }
            for (Descriptor layer : manifest.layers()) {
                String type = layer.mediaType().toLowerCase(Locale.ROOT);
                if (type.contains("foreign") || type.contains("nondistributable")) {
                    throw StoreException.invalid("pull " + repository.name().familiarName() + ": the layer " + layer.digest() + " is foreign ("
                            + layer.mediaType() + "): it is not in the registry, and is not fetched from elsewhere");
                }
                if (!LAYER.matcher(type).matches()) {
                    throw StoreException.invalid("pull " + repository.name().familiarName() + ": the layer " + layer.digest() + " is of the type "
                            + layer.mediaType() + ", which is not supported");
                }
            }
        }

        private void requirePlatform(ImageConfig config, ImageReference name) {
            if (!config.os().isEmpty() && !config.os().equals("linux")) {
                throw StoreException.invalid("pull " + name.familiar() + ": image operating system \"" + config.os() + "\" cannot be used on this platform");
            }
            if (wanted.isPresent() && !config.platform().satisfies(wanted.get())) {
                throw new RegistryException(Kind.NOT_FOUND, "image with reference " + name.familiar() + " was found but its platform ("
                        + config.platform() + ") does not match the specified platform (" + wanted.get() + ")");
            }
        }
    }
}
