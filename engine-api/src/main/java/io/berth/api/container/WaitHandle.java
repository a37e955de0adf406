package io.berth.api.container;

import io.berth.api.wire.container.WaitResponse;

/** A registered wait. */
public interface WaitHandle extends AutoCloseable {
    /** Blocks until the condition holds; interrupted when the client goes. */
    WaitResponse await() throws InterruptedException;

    /** Forgets the wait; called in every case. */
    @Override
    void close();
}
