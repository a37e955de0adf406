package io.berth.api.container;

import io.berth.api.http.HijackedStream;
import java.io.IOException;

/** The point of no return of an attach. */
@FunctionalInterface
public interface AttachSwitch {
    /**
     * Answers the client that the connection is now a raw stream, and takes it. To be called once, when nothing can be refused any
     * more.
     *
     * @param tty whether the container has a terminal; without one the client is told to expect frames (see {@link FrameSink})
     */
    HijackedStream toRawStream(boolean tty) throws IOException;
}
