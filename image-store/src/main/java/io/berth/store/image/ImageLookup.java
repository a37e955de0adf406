package io.berth.store.image;

import io.berth.store.content.Digest;
import io.berth.store.content.StoreException;
import java.util.List;
import java.util.Optional;

/** Finds the image a person means, in the order of the reference engine: id, name, beginning of an id. */
final class ImageLookup {

    private static final int FULL_ID = 64;

    private ImageLookup() {}

    static StoredImage resolve(ImageIndex index, String text) {
        if (Digest.isDigest(text) || Digest.isDigest("sha256:" + text)) {
            Digest id = Digest.parse(text.length() == FULL_ID ? "sha256:" + text : text);
            return index.visible(id).orElseThrow(() -> missing(text));
        }
        ImageReference name = ImageReference.parse(text);
        Optional<StoredImage> named = Optional.ofNullable(index.names().get(name.key())).flatMap(index::visible);
        return named.or(() -> byBeginning(index, text))
                .orElseThrow(() -> missing(name.withDefaultTag().familiar()));
    }

    private static StoreException missing(String what) {
        return StoreException.notFound("No such image: " + what);
    }

    private static Optional<StoredImage> byBeginning(ImageIndex index, String text) {
        String hex = text.startsWith("sha256:") ? text.substring("sha256:".length()) : text;
        if (hex.isEmpty() || !hex.matches("[0-9a-f]+")) {
            return Optional.empty();
        }
        List<StoredImage> fitting = index.visible().stream().filter(image -> image.id().hex().startsWith(hex)).toList();
        return fitting.size() == 1 ? Optional.of(fitting.getFirst()) : Optional.empty();
    }

    /** Whether {@code text} names the image by its id or the beginning of it. */
    static boolean isIdOf(Digest image, String text) {
        return image.toString().startsWith(text) || image.hex().startsWith(text);
    }
}
