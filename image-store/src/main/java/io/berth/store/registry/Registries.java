package io.berth.store.registry;

import io.berth.store.image.ImageReference;

/** The way to registries: which hosts serve a repository, over which connections, and as whom. */
public interface Registries {

    /** What will be done, which is what a token is asked for. */
    enum Access { PULL, PUSH }

    /** Asks nobody yet. */
    Repository repository(ImageReference name, Credentials credentials, Access access);
}
