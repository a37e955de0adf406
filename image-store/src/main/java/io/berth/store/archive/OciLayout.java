package io.berth.store.archive;

import io.berth.store.content.Digest;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageConfigReader;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Manifest;
import io.berth.store.image.Manifest.Descriptor;
import io.berth.store.image.Platform;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * An OCI image layout (image specification, "image-layout.md"): {@code index.json} names manifests, perhaps through more
 * indexes, and those name the rest, all by digest. Files are found by what they contain, not by their path.
 *
 * <p>An index may name more than the archive has, for another platform say; that is left out. What an archive has of an image is
 * whole or counts for nothing.
 */
final class OciLayout {

    static final String INDEX = "index.json";
    /** The whole name, as containerd and the docker CLI write it. */
    static final String FULL_NAME = "io.containerd.image.name";
    /** By the specification anything; some write the whole name, others only the tag. */
    static final String REF_NAME = "org.opencontainers.image.ref.name";
    private static final int DEEPEST_INDEX = 4;

    private final Spool spool;
    /** Empty for all. */
    private final List<Platform> wanted;

    private OciLayout(Spool spool, List<Platform> wanted) {
        this.spool = spool;
        this.wanted = wanted;
    }

    static boolean isIn(Spool spool) {
        return spool.find(INDEX).isPresent();
    }

    /**
     * @param platforms which images of an index to take; with none, all, and the one for this machine is the image
     * @return without those that are for none of the platforms
     */
    static List<ArchivedImage> images(Spool spool, List<Platform> platforms) {
        if (!(Manifest.read(spool.get(INDEX).document(INDEX)) instanceof Manifest.Index index)) {
            throw StoreException.invalid("read " + INDEX + ": it is not an index of images");
        }
        Map<Digest, Descriptor> tops = new LinkedHashMap<>();
        Map<Digest, Set<ImageReference>> names = new LinkedHashMap<>();
        for (Descriptor top : index.manifests()) {
            tops.putIfAbsent(top.digest(), top);
            names.computeIfAbsent(top.digest(), digest -> new LinkedHashSet<>()).addAll(names(top.annotations()));
        }
        OciLayout layout = new OciLayout(spool, platforms);
        List<ArchivedImage> images = new ArrayList<>();
        tops.forEach((digest, top) -> layout.image(top, List.copyOf(names.get(digest))).ifPresent(images::add));
        return images;
    }

    /** Nothing for what is no image, or for none of the platforms. */
    private Optional<ArchivedImage> image(Descriptor top, List<ImageReference> names) {
        if (top.isAttestation()) {
            return Optional.empty();
        }
        Spooled document = get(top);
        return switch (read(document)) {
            case Manifest.Index index -> imageOf(document, index, names);
            case Manifest.Image manifest -> Optional.of(new Leaf(document, manifest, platform(top, manifest))).filter(leaf -> isWanted(leaf.platform))
                    .map(leaf -> archived(leaf, Optional.empty(), List.of(), Set.of(leaf.platform), names));
        };
    }

    /** A manifest that the archive has, with all it names. */
    private record Leaf(Spooled document, Manifest.Image manifest, Platform platform) {}

    private Optional<ArchivedImage> imageOf(Spooled document, Manifest.Index index, List<ImageReference> names) {
        Found found = new Found();
        found.take(document, index, 0);
        if (found.images.isEmpty()) {
            // The first thing that is missing is what to tell of, unless nothing at all was asked for.
            index.images().stream().filter(image -> wanted.isEmpty() && image.platform().isPresent()).findFirst().ifPresent(this::get);
            return Optional.empty();
        }
        Leaf chosen = found.images.values().stream().filter(leaf -> leaf.platform.satisfies(Platform.here())).findFirst()
                .orElseGet(() -> found.images.values().iterator().next());
        return Optional.of(archived(chosen, Optional.of(document), found.besides(chosen), found.platforms(), names));
    }

    /** What an index leads to. */
    private final class Found {
        private final Map<Digest, Spooled> indexes = new LinkedHashMap<>();
        private final Map<Digest, Leaf> images = new LinkedHashMap<>();
        private final Map<Digest, Leaf> attestations = new LinkedHashMap<>();

        void take(Spooled document, Manifest.Index index, int depth) {
            if (depth > DEEPEST_INDEX) {
                throw StoreException.invalid("read " + INDEX + ": indexes are nested too deeply");
            }
            indexes.put(document.digest(), document);
            for (Descriptor image : index.images()) {
                if (image.platform().isEmpty() || isWanted(image.platform().get())) {
                    spool.find(image.digest()).ifPresent(child -> take(image, child, depth));
                }
            }
            for (Descriptor attestation : index.manifests()) {
                if (attestation.isAttestation() && attestation.attested().map(images::containsKey).orElse(wanted.isEmpty())) {
                    spool.find(attestation.digest()).ifPresent(child -> leaf(attestation, child).ifPresent(leaf -> attestations.put(child.digest(), leaf)));
                }
            }
        }

        private void take(Descriptor image, Spooled child, int depth) {
            if (read(child) instanceof Manifest.Index nested) {
                take(child, nested, depth + 1);
            } else {
                leaf(image, child).filter(leaf -> isWanted(leaf.platform)).ifPresent(leaf -> images.put(child.digest(), leaf));
            }
        }

        private Optional<Leaf> leaf(Descriptor descriptor, Spooled document) {
            return read(document) instanceof Manifest.Image manifest && manifest.children().stream().allMatch(OciLayout.this::has)
                    ? Optional.of(new Leaf(document, manifest, platform(descriptor, manifest))) : Optional.empty();
        }

        Set<Platform> platforms() {
            return images.values().stream().map(Leaf::platform).collect(Collectors.toSet());
        }

        /** All but one image. */
        List<Spooled> besides(Leaf chosen) {
            Set<Spooled> all = new LinkedHashSet<>(indexes.values());
            List<Leaf> others = new ArrayList<>(images.values());
            others.remove(chosen);
            others.addAll(attestations.values());
            for (Leaf other : others) {
                all.add(other.document);
                other.manifest.children().forEach(child -> all.add(get(child)));
            }
            return List.copyOf(all);
        }
    }

    private ArchivedImage archived(Leaf leaf, Optional<Spooled> index, List<Spooled> attachments, Set<Platform> platforms,
            List<ImageReference> names) {
        leaf.manifest.requireSupported("load image " + leaf.document.digest());
        return new ArchivedImage(get(leaf.manifest.config()), Optional.of(leaf.document), index, leaf.manifest.layers().stream().map(this::get).toList(),
                attachments, platforms, names, Optional.empty());
    }

    private boolean isWanted(Platform platform) {
        return wanted.isEmpty() || wanted.stream().anyMatch(platform::satisfies);
    }

    private Platform platform(Descriptor descriptor, Manifest.Image manifest) {
        return descriptor.platform().orElseGet(() -> ImageConfigReader.read(get(manifest.config()).document("image configuration")).platform());
    }

    private static Manifest read(Spooled document) {
        return Manifest.read(document.document("manifest " + document.digest()));
    }

    private boolean has(Descriptor descriptor) {
        return spool.find(descriptor.digest()).filter(found -> descriptor.size() < 0 || descriptor.size() == found.size()).isPresent();
    }

    private Spooled get(Descriptor descriptor) {
        Spooled found = spool.find(descriptor.digest()).orElseThrow(
                () -> StoreException.invalid("the archive has no content with the digest " + descriptor.digest()));
        if (descriptor.size() >= 0 && descriptor.size() != found.size()) {
            throw StoreException.invalid("content " + descriptor.digest() + " has " + found.size() + " bytes, expected "
                    + descriptor.size());
        }
        return found;
    }

    private static List<ImageReference> names(Map<String, String> annotations) {
        String full = annotations.getOrDefault(FULL_NAME, "");
        String ref = annotations.getOrDefault(REF_NAME, "");
        String name = full.isEmpty() && (ref.contains(":") || ref.contains("/")) ? ref : full;
        // podman writes the id of an image without a name.
        return name.isEmpty() || name.contains("sha256:") && !name.contains("@") ? List.of() : List.of(ImageReference.parse(name).withDefaultTag());
    }
}
