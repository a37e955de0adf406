package io.berth.store.layer;

import io.berth.linux.file.Directory;
import io.berth.linux.file.TreeSize;
import io.berth.linux.kernel.Errno;
import io.berth.linux.kernel.Kernel;
import io.berth.linux.kernel.SystemCallException;
import io.berth.store.content.Digest;
import io.berth.store.durable.DurableFiles;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * What unpacked layers take on the disk. A layer never changes: what has been counted once is remembered, and stands in its state when it
 * is synced.
 */
final class LayerSizes {

    private final Kernel kernel;
    private final DurableFiles files;
    private final Function<Digest, Path> directories;
    private final ConcurrentHashMap<Digest, Long> sizes = new ConcurrentHashMap<>();

    /** @param directories where a layer with its state is */
    LayerSizes(Kernel kernel, DurableFiles files, Function<Digest, Path> directories) {
        this.kernel = kernel;
        this.files = files;
        this.directories = directories;
    }

    /** In bytes, its directory included; 0 when it is not there. */
    long of(Digest diffId) {
        Long size = sizes.computeIfAbsent(diffId, this::find);
        return size == null ? 0 : size;
    }

    private Long find(Digest diffId) {
        Path directory = directories.apply(diffId);
        OptionalLong known = files.read(directory.resolve(LayerState.FILE)).flatMap(LayerState::read).map(LayerState::diskSize)
                .orElse(OptionalLong.empty());
        if (known.isPresent()) {
            return known.getAsLong();
        }
        try (Directory layer = Directory.open(kernel, directory.toString())) {
            return TreeSize.allocated(layer);
        } catch (SystemCallException failure) {
            if (failure.errno() != Errno.ENOENT) {
                throw failure;
            }
            return null;
        }
    }

    /** Counts a layer that is on the disk for good now. */
    OptionalLong count(Digest diffId, Directory layer) {
        long size = TreeSize.allocated(layer);
        sizes.computeIfPresent(diffId, (id, before) -> size);
        return OptionalLong.of(size);
    }

    /** Of a layer that is gone, or made anew. */
    void forget(Digest diffId) {
        sizes.remove(diffId);
    }
}
