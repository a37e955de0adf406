package io.berth.api.container;

import io.berth.api.wire.container.PathStat;

/** A file or directory of a container. */
public interface FileArchive extends TarStream {
    PathStat stat();
}
