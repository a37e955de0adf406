package io.berth.api.container;

import io.berth.api.wire.container.StatsResponse;
import java.util.Optional;

/** Readings of what a container uses. The caller closes it. */
public interface StatsStream extends AutoCloseable {
    /** Waits for the next, about a second; empty when the container is gone. */
    Optional<StatsResponse> next() throws InterruptedException;

    @Override
    void close();
}
