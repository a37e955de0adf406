package io.berth.store.archive;

import io.berth.store.content.Digest;
import io.berth.store.image.ImageReference;
import java.util.List;
import java.util.Optional;

/**
 * One image of an archive and the files it is made of.
 *
 * @param layers from the lowest up
 * @param parent what it was made from, as the archive has it
 */
record ArchivedImage(Spooled config, Optional<Spooled> manifest, List<Spooled> layers, List<ImageReference> names, Optional<Digest> parent) {}
