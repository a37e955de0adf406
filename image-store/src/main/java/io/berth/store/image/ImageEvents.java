package io.berth.store.image;

import io.berth.store.content.Digest;
import java.util.Map;

/** Told of what has happened to images, once it is durable. Called by the thread that did it; must not call back. */
public interface ImageEvents {

    /** What happens to images; the reference engine's events of the same names. */
    enum Action { LOAD, IMPORT, CREATE, PULL, PUSH, SAVE, TAG, UNTAG, DELETE }

    /**
     * @param name what the event calls the image: the familiar name for {@code TAG}, {@code PULL} and {@code PUSH}, else its id
     * @param labels of the image; none when it is gone
     */
    void happened(Action action, Digest image, String name, Map<String, String> labels);
}
