package io.berth.store.image;

import io.berth.store.content.Digest;
import io.berth.store.content.StoreException;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Finds the image a person means, in the order of the reference engine: whole digest, name, beginning of a digest. Every digest of an
 * image will do: of its configuration, its manifest, its index, and those that its names carry.
 */
final class ImageLookup {

    private static final String ALGORITHM = "sha256:";

    private ImageLookup() {}

    static StoredImage resolve(ImageIndex index, String text) {
        if (ImageReference.isIdentifier(text)) {
            Digest digest = Digest.parse(text.startsWith(ALGORITHM) ? text : ALGORITHM + text);
            return index.visible(digest).or(() -> best(index, having(index, digest::equals))).orElseThrow(() -> missing(digest.toString()));
        }
        ImageReference name = ImageReference.parse(text);
        return named(index, name).or(() -> byBeginning(index, text)).orElseThrow(() -> missing(name.withDefaultTag().familiar()));
    }

    private static StoreException missing(String what) {
        return StoreException.notFound("No such image: " + what);
    }

    /** By a name it has; or by its repository and any of its digests, also one that the registry was not asked for. */
    private static Optional<StoredImage> named(ImageIndex index, ImageReference name) {
        Optional<StoredImage> exact = Optional.ofNullable(index.names().get(name.key())).flatMap(index::visible);
        if (exact.isPresent() || name.digest().isEmpty()) {
            return exact;
        }
        List<StoredImage> ofRepository = having(index, name.digest().get()::equals).stream()
                .filter(image -> index.namesOf(image.id()).stream().anyMatch(other -> other.name().equals(name.name()))).toList();
        return best(index, ofRepository);
    }

    private static Optional<StoredImage> byBeginning(ImageIndex index, String text) {
        String hex = text.startsWith(ALGORITHM) ? text.substring(ALGORITHM.length()) : text;
        if (hex.isEmpty() || !hex.matches("[0-9a-f]+")) {
            return Optional.empty();
        }
        List<StoredImage> fitting = having(index, digest -> digest.hex().startsWith(hex));
        boolean one = fitting.stream().flatMap(image -> digests(index, image).filter(digest -> digest.hex().startsWith(hex)))
                .distinct().count() == 1;
        return one ? best(index, fitting) : fitting.size() == 1 ? Optional.of(fitting.getFirst()) : Optional.empty();
    }

    private static List<StoredImage> having(ImageIndex index, Predicate<Digest> digest) {
        return index.visible().stream().filter(image -> digests(index, image).anyMatch(digest)).toList();
    }

    private static Stream<Digest> digests(ImageIndex index, StoredImage image) {
        return Stream.concat(image.digests().stream(), index.namesOf(image.id()).stream().flatMap(name -> name.digest().stream()));
    }

    /** Of the images of one index, the one that has its names. */
    private static Optional<StoredImage> best(ImageIndex index, List<StoredImage> images) {
        return images.stream().filter(image -> !index.namesOf(image.id()).isEmpty()).findFirst().or(() -> images.stream().findFirst());
    }

    /** Whether {@code text} names the image by one of its digests or the beginning of one, and not by a name. */
    static boolean isDigestOf(ImageIndex index, StoredImage image, String text) {
        return digests(index, image).anyMatch(digest -> digest.toString().startsWith(text) || digest.hex().startsWith(text));
    }
}
