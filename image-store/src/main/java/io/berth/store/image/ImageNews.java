package io.berth.store.image;

import io.berth.store.content.Digest;
import io.berth.store.content.StoreException;
import io.berth.store.image.ImageEvents.Action;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Tells listeners what has happened to images, in the order of the reference engine. */
final class ImageNews {

    private final ImageEvents events;
    private final Function<Digest, ImageConfig> configs;

    ImageNews(ImageEvents events, Function<Digest, ImageConfig> configs) {
        this.events = events;
        this.configs = configs;
    }

    /** Whether names that are given thereby count as given by somebody, not brought along. */
    static boolean isByHand(Action action) {
        return action != Action.LOAD && action != Action.PULL;
    }

    /** None when the configuration cannot be read: an image that is damaged can be removed all the same. */
    Map<String, String> labels(Digest image) {
        try {
            return configs.apply(image).process().labels();
        } catch (StoreException damaged) {
            return Map.of();
        }
    }

    /** Of an archive it is told without the names. */
    void added(Digest image, List<ImageReference> names, Action action) {
        if (action == Action.CREATE) {
            of(action, image);
        }
        if (isByHand(action)) {
            names.forEach(name -> tagged(image, name));
        }
        if (action == Action.LOAD || action == Action.IMPORT) {
            of(action, image);
        }
    }

    void of(Action action, Digest image) {
        events.happened(action, image, image.toString(), labels(image));
    }

    void tagged(Digest image, ImageReference name) {
        events.happened(Action.TAG, image, name.familiar(), labels(image));
    }

    /** @param found what the name leads to by now */
    void pulled(Digest image, ImageReference name, Optional<Digest> found) {
        events.happened(Action.PULL, image, name.familiar(), found.map(this::labels).orElse(Map.of()));
    }

    void pushed(Digest image, ImageReference name) {
        events.happened(Action.PUSH, image, name.familiar(), labels(image));
    }

    /** @param labels of the image before it was removed */
    void removed(ImageRemoval removal, Map<String, String> labels) {
        String id = removal.image().id().toString();
        removal.untagged().forEach(name -> events.happened(Action.UNTAG, removal.image().id(), id, labels));
        removal.deleted().forEach(image -> events.happened(Action.DELETE, image.id(), image.id().toString(), Map.of()));
    }
}
