package io.berth.daemon.network.sandbox;

import io.berth.linux.kernel.Fd;
import java.util.Optional;

/**
 * A new sandbox and the network namespace to start the container in.
 *
 * @param namespace for setns(2); empty for the host's own network. The caller owns it and closes it when the container's
 *                  first process is in it (or has failed to start): from then on the processes keep it alive
 */
public record Connection(Sandbox sandbox, Optional<Fd> namespace) implements AutoCloseable {

    /** Closes the namespace's descriptor; the sandbox stays. */
    @Override
    public void close() {
        namespace.ifPresent(Fd::close);
    }
}
