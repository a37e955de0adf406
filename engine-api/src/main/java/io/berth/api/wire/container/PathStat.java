package io.berth.api.wire.container;

import io.berth.api.wire.WireName;

/**
 * One file of a container, as the header {@code X-Docker-Container-Path-Stat} tells it in base64.
 *
 * @param name the last part of the path that was asked for
 * @param mode as Go's os.FileMode: permissions, and the kind in the upper bits
 * @param mtime RFC 3339
 * @param linkTarget of a symbolic link, where it leads to in the end; else empty
 */
public record PathStat(@WireName("name") String name, @WireName("size") long size, @WireName("mode") long mode,
        @WireName("mtime") String mtime, @WireName("linkTarget") String linkTarget) {
}
