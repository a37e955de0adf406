package io.berth.store.archive;

import io.berth.store.image.ImageReference;
import java.util.List;
import java.util.Optional;

/**
 * One image of an archive and the files it is made of.
 *
 * @param layers from the lowest up
 */
record ArchivedImage(Spooled config, Optional<Spooled> manifest, List<Spooled> layers, List<ImageReference> names) {}
