package io.berth.api.image;

import io.berth.api.wire.image.Progress;
import java.io.IOException;

/** Where an operation that takes its time tells how far it is. The first line begins the response, with status 200. */
@FunctionalInterface
public interface ProgressSink {
    /** Sends one line at once; blocks while the client is slow, and throws when it has gone. */
    void write(Progress line) throws IOException;
}
