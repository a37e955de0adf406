package io.berth.store.archive;

import io.berth.store.content.Digest;
import io.berth.store.image.ImageReference;
import io.berth.store.image.Platform;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One image of an archive and the files it is made of.
 *
 * @param layers from the lowest up
 * @param index that names the manifest
 * @param attachments what else the index leads to, and the index
 * @param platforms that it is for, one or more
 * @param parent what it was made from, as the archive has it
 */
record ArchivedImage(Spooled config, Optional<Spooled> manifest, Optional<Spooled> index, List<Spooled> layers, List<Spooled> attachments,
        Set<Platform> platforms, List<ImageReference> names, Optional<Digest> parent) {

    /** Whether a configuration is this image's, or that of one for another platform which its index leads to. */
    boolean has(Digest configuration) {
        return config.digest().equals(configuration) || attachments.stream().anyMatch(attached -> attached.digest().equals(configuration));
    }

    /** Whether it is for one of these; for any when there are none. */
    boolean isFor(List<Platform> wanted) {
        return wanted.isEmpty() || platforms.stream().anyMatch(offered -> wanted.stream().anyMatch(offered::satisfies));
    }

    /** The same with the names, and the parent, that another description of it gives. */
    ArchivedImage alsoKnown(ArchivedImage other) {
        Set<ImageReference> all = new LinkedHashSet<>(other.names);
        all.addAll(names);
        return new ArchivedImage(config, manifest, index, layers, attachments, platforms, List.copyOf(all),
                other.config.equals(config) ? other.parent : parent);
    }

    /** Everything but the layers, which have to be unpacked besides. */
    Stream<Spooled> documents() {
        return Stream.of(Stream.of(config), manifest.stream(), attachments.stream()).flatMap(part -> part);
    }
}
