package io.berth.store.archive;

import io.berth.store.content.StoreException;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Manifest;
import io.berth.store.image.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An OCI image layout (image specification, "image-layout.md"): {@code index.json} names manifests, perhaps through more
 * indexes, and those name the rest, all by digest. Files are found by what they contain, not by their path.
 */
final class OciLayout {

    static final String INDEX = "index.json";
    private static final int DEEPEST_INDEX = 4;
    /** The whole name, as containerd and the docker CLI write it. */
    private static final String FULL_NAME = "io.containerd.image.name";
    /** By the specification anything; some write the whole name, others only the tag. */
    private static final String REF_NAME = "org.opencontainers.image.ref.name";

    private OciLayout() {}

    static boolean isIn(Spool spool) {
        return spool.find(INDEX).isPresent();
    }

    static List<ArchivedImage> images(Spool spool) {
        if (!(Manifest.read(spool.get(INDEX).document(INDEX)) instanceof Manifest.Index index)) {
            throw StoreException.invalid("read " + INDEX + ": it is not an index of images");
        }
        List<ArchivedImage> images = new ArrayList<>();
        for (Manifest.Descriptor descriptor : index.manifests()) {
            image(spool, descriptor, names(descriptor.annotations()), 0).ifPresent(images::add);
        }
        return images;
    }

    /** Nothing for what is no image of this machine's kind. */
    private static Optional<ArchivedImage> image(Spool spool, Manifest.Descriptor descriptor, List<ImageReference> names, int depth) {
        if (depth > DEEPEST_INDEX) {
            throw StoreException.invalid("read " + INDEX + ": indexes are nested too deeply");
        }
        if (descriptor.isAttestation()) {
            return Optional.empty();
        }
        Spooled document = get(spool, descriptor);
        return switch (Manifest.read(document.document("manifest " + descriptor.digest()))) {
            case Manifest.Index index -> Platform.choose(index, Optional.empty()).flatMap(chosen -> image(spool, chosen, names, depth + 1));
            case Manifest.Image image -> Optional.of(new ArchivedImage(get(spool, image.config()), Optional.of(document),
                    image.layers().stream().map(layer -> get(spool, layer)).toList(), names, Optional.empty()));
        };
    }

    private static Spooled get(Spool spool, Manifest.Descriptor descriptor) {
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
        return name.isEmpty() ? List.of() : List.of(ImageReference.parse(name).withDefaultTag());
    }
}
