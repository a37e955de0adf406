package io.berth.linux.mount;

import io.berth.linux.kernel.Fd;

import java.util.List;
import java.util.Optional;

/**
 * A container's file tree, made and attached nowhere yet. Closing it takes it away, unless a launched process has moved it
 * into its mount namespace.
 *
 * @param terminals the container's devpts, when it was asked for
 */
public record PreparedTree(Fd root, List<PlannedMount> mounts, Optional<Fd> terminals, List<Fd> opened) implements AutoCloseable {

    @Override
    public void close() {
        opened.forEach(Fd::close);
    }
}
