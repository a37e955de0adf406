package io.berth.linux.mount;

import io.berth.linux.file.BytePath;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A mount that a user or the daemon asked for. */
public sealed interface MountSpec {

    /** Where the container sees it; absolute. */
    BytePath destination();

    /** How much of a mount cannot be written to. */
    enum Protection {
        NONE,
        /** The mount itself; what is mounted below it stays as it is on the host. */
        TOP,
        /** All of it (mount_setattr(2) with AT_RECURSIVE, kernel 5.12). */
        TREE
    }

    /**
     * A file or directory of the host.
     *
     * @param source absolute
     * @param subpath what of the source is meant; no link in it leads out of the source
     * @param recursive whether what is mounted below the source comes along
     */
    record Bind(BytePath source, Optional<BytePath> subpath, BytePath destination, Protection protection, boolean recursive,
            Propagation propagation) implements MountSpec {

        /** Of the whole source, for the container alone. */
        public Bind(BytePath source, BytePath destination, boolean readOnly, boolean recursive) {
            this(source, Optional.empty(), destination, readOnly ? Protection.TREE : Protection.NONE, recursive, Propagation.RPRIVATE);
        }
    }

    /**
     * A file system in memory.
     *
     * @param attributes MOUNT_ATTR_… of {@link MountCalls}
     * @param options such as size and mode, as tmpfs(5) names them
     */
    record Tmpfs(BytePath destination, long attributes, Map<String, String> options) implements MountSpec {
    }

    /**
     * The content of an image, read-only.
     *
     * @param layers their directories, the topmost first, at least two: an overlay without a place for changes wants so many
     * @param subpath what of the image is meant
     */
    record Layers(List<String> layers, Optional<BytePath> subpath, BytePath destination) implements MountSpec {
    }
}
