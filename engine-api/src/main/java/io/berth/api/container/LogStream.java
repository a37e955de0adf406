package io.berth.api.container;

import java.io.IOException;

/**
 * A log that was found and is about to be sent. The route sends the head of the response first, at once, whether or not there is
 * anything in the log; then it calls {@link #copyTo}.
 */
public interface LogStream extends AutoCloseable {
    /** Whether the container has a terminal, so that the log is sent without frames. */
    boolean tty();

    /**
     * Sends one entry a call to the sink, in order, until the log (or, when following, the container) ends. When the client goes the
     * thread is interrupted, or the sink throws; both just end the stream.
     */
    void copyTo(FrameSink sink) throws IOException, InterruptedException;

    @Override
    void close();
}
