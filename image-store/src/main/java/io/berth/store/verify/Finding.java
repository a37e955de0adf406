package io.berth.store.verify;

import io.berth.store.content.Digest;
import java.util.List;
import java.util.Optional;

/**
 * One thing that {@link StoreVerifier} has to tell.
 *
 * @param images those it concerns, as {@code app:1 (0123456789ab)}; none when it concerns the store
 * @param layer the diff id of the layer it is about
 * @param blob the blob it is about
 * @param file a path in the layer, or the name of a file of the store
 * @param problem what is wrong, after its subject: {@code is missing}
 * @param mended whether it is right now
 * @param remedy what was done about it, or what can be; empty when nothing needs to
 */
public record Finding(Kind kind, List<String> images, Optional<Digest> layer, Optional<Digest> blob, Optional<String> file,
        String problem, boolean mended, String remedy) {

    /** How bad it is. */
    public enum Kind {
        /** Something is not as it was promised. */
        DAMAGE,
        /** It could not be looked at, because the disk or the machine failed. */
        UNREADABLE,
        /** It takes room and nobody needs it. */
        RECLAIMABLE,
        /** Worth knowing; nothing is wrong. */
        NOTE
    }

    public Finding {
        images = List.copyOf(images);
    }

    static Finding ofStore(Kind kind, String file, String problem) {
        return new Finding(kind, List.of(), Optional.empty(), Optional.empty(), Optional.of(file), problem, false, "");
    }

    Finding mended(String how) {
        return new Finding(kind, images, layer, blob, file, problem, true, how);
    }

    Finding unmended(String why) {
        return new Finding(kind, images, layer, blob, file, problem, false, why);
    }

    /** Damage that is still there. */
    public boolean isDamageLeft() {
        return kind == Kind.DAMAGE && !mended;
    }

    /** For people: {@code image app:1 (0123456789ab): layer sha256:…: file /etc/motd: is missing; …}. */
    public String sentence() {
        StringBuilder text = new StringBuilder();
        if (!images.isEmpty()) {
            text.append(images.size() == 1 ? "image " : "images ").append(String.join(", ", images)).append(": ");
        }
        layer.ifPresent(diffId -> text.append("layer ").append(diffId).append(": "));
        blob.ifPresent(digest -> text.append("blob ").append(digest).append(": "));
        file.ifPresent(path -> text.append("file ").append(path).append(": "));
        text.append(problem);
        if (!remedy.isEmpty()) {
            text.append(mended ? "; mended: " : "; ").append(remedy);
        }
        return text.toString();
    }
}
