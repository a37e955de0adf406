package io.berth.linux.mount;

import io.berth.linux.file.BytePath;
import java.util.Map;

/** A mount that a user or the daemon asked for. */
public sealed interface MountSpec {

    /** Where the container sees it; absolute. */
    BytePath destination();

    /**
     * A file or directory of the host.
     *
     * @param source absolute
     * @param recursive whether what is mounted below the source comes along
     */
    record Bind(BytePath source, BytePath destination, boolean readOnly, boolean recursive) implements MountSpec {
    }

    /**
     * A file system in memory.
     *
     * @param attributes MOUNT_ATTR_… of {@link MountCalls}
     * @param options such as size and mode, as tmpfs(5) names them
     */
    record Tmpfs(BytePath destination, long attributes, Map<String, String> options) implements MountSpec {
    }
}
