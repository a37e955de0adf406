package io.berth.api.system;

import io.berth.api.wire.system.Event;
import java.util.Optional;

/** A running subscription, for one reader. */
public interface EventSubscription extends AutoCloseable {
    /** Blocks for the next event; empty when the subscription has come to its end. Interrupted when the client goes. */
    Optional<Event> next() throws InterruptedException;

    @Override
    void close();
}
