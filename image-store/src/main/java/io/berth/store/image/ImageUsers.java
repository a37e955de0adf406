package io.berth.store.image;

import io.berth.store.content.Digest;
import java.util.List;

/** Who uses an image: asked before one is removed, answered by those who keep the containers. Must not call back. */
public interface ImageUsers {

    /**
     * A container made from an image.
     *
     * @param running also when it is paused or restarting
     */
    record User(String containerId, boolean running) {}

    /** The containers of an image, in any order. */
    List<User> usersOf(Digest image);
}
