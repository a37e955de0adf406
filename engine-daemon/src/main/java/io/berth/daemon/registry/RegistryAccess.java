package io.berth.daemon.registry;

import io.berth.store.registry.HttpRegistries;
import io.berth.store.registry.RegistrySettings;
import java.util.function.Supplier;

/** The client of registries, made when somebody first needs it: a daemon that never asks one never loads it. */
public final class RegistryAccess implements AutoCloseable {

    private final Supplier<RegistrySettings> settings;
    private HttpRegistries registries;
    private boolean closed;

    public RegistryAccess(Supplier<RegistrySettings> settings) {
        this.settings = settings;
    }

    public synchronized HttpRegistries get() {
        if (closed) {
            throw new IllegalStateException("the daemon is stopping");
        }
        if (registries == null) {
            registries = new HttpRegistries(settings.get());
        }
        return registries;
    }

    /** Ends what is under way. */
    @Override
    public synchronized void close() {
        closed = true;
        if (registries != null) {
            registries.close();
        }
    }
}
